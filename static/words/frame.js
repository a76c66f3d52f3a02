// The words of the frame and of the parts that all views share.

const en = {
  other: { code: "ru", short: "RU", name: "Русский" },
  skip: "Skip to content",
  nav: "Views",
  home: "Start page",
  views: { order: "Order", pipeline: "Pipeline", letters: "Dead letters", system: "System" },
  counted: (view, count) => `${view} (${count})`,
  undecided: "undecided",
  foot: (zone) => `Times are in your zone, ${zone}. Amounts and texts are shown as published.`,

  degraded: "degraded",
  connecting: "Connecting",
  live: "Live",
  polling: "Every 5 s",
  stale: (time) => `Stale since ${time}`,
  locked: "Locked",
  loading: "Loading",
  broken: "This view cannot be shown.",
  reload: "Load the page again",

  since: (time) => `since ${time}`,
  request: (id) => `request ${id}`,
  exposed: (host) => `Everyone who can reach ${host} can read these documents.`,
  closed: "Replay, discard and send are off because no token is set.",
  copied: "Copied",
  notCopied: "Not copied",
  showMore: (count) => `Show ${count} more`,
  fields: { one: "field", other: "fields" },
  elements: { one: "item", other: "items" },
  ago: (time) => `${time} ago`,
  units: { ms: "ms", s: "s", min: "min", h: "h", d: "d" },
};

const ru = {
  other: { code: "en", short: "EN", name: "English" },
  skip: "К содержанию",
  nav: "Разделы",
  home: "Главная",
  views: { order: "Заказ", pipeline: "Конвейер", letters: "Отказы", system: "Система" },
  counted: (view, count) => `${view} (${count})`,
  undecided: "без решения",
  foot: (zone) => `Время местное, ${zone}. Суммы и тексты показаны как опубликованы.`,

  degraded: "есть проблемы",
  connecting: "Соединение",
  live: "На связи",
  polling: "Каждые 5 с",
  stale: (time) => `Нет связи с ${time}`,
  locked: "Закрыто",
  loading: "Загрузка",
  broken: "Этот раздел не удаётся показать.",
  reload: "Загрузить страницу заново",

  since: (time) => `с ${time}`,
  request: (id) => `запрос ${id}`,
  exposed: (host) => `Любой, кому доступен ${host}, может читать эти документы.`,
  closed: "Повтор, отбрасывание и отправка отключены: токен не задан.",
  copied: "Скопировано",
  notCopied: "Не скопировано",
  showMore: (count) => `Показать ещё ${count}`,
  fields: { one: "поле", few: "поля", many: "полей", other: "поля" },
  elements: { one: "элемент", few: "элемента", many: "элементов", other: "элемента" },
  ago: (time) => `${time} назад`,
  units: { ms: "мс", s: "с", min: "мин", h: "ч", d: "д" },
};

export default { en, ru };
