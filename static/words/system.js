// The words of the system view. Numbers and times arrive as text, already in the language.

const en = {
  title: "System",
  ready: "Ready.",
  answers: { both: "Source and sink answer.", sink: "The sink answers.", none: "" },

  config: "Effective config",
  origin: "where each value came from",
  columns: { key: "Key", value: "Value", origin: "Origin" },
  hidden: "hidden",
  none: "none",
  empty: "empty",
  unread: "The configuration cannot be read at present.",
  again: "Try again",

  about: "This instance",
  pipeline: "Pipeline",
  version: "Version",
  uptime: "Uptime",
  memory: "Memory",
  unknown: "not known",
  sizes: ["B", "KiB", "MiB", "GiB", "TiB"],

  tryIt: "Try it",
  send: "Send 5 test orders",
  sending: "Sending",
  sent: "Sent.",
  awaiting: (stored, all) => `${stored} of ${all} stored.`,
  storedAs: "Stored as ",
  to: " to ",
  refusedSome: { one: "became a dead letter", other: "became dead letters" },
  openLetters: "open the dead letters",
  notYet: "Not stored yet: they wait in the stream, none is lost.",
  cannot: "This instance has nothing to send: its configuration has no section ",
  closed: "Off: others reach this address and no token is set.",
  sourceAway: "The source does not answer. Nothing was sent.",
  failed: "Nothing was sent.",
  gone: "The server does not answer.",
  request: (id) => `request ${id}`,

  machines: "For machines",
  links: { liveness: "Liveness", readiness: "Readiness", metrics: "Metrics", api: "API", status: "Status" },
};

const ru = {
  title: "Система",
  ready: "Готова.",
  answers: { both: "Источник и хранилище отвечают.", sink: "Хранилище отвечает.", none: "" },

  config: "Действующая конфигурация",
  origin: "откуда взято каждое значение",
  columns: { key: "Ключ", value: "Значение", origin: "Откуда" },
  hidden: "скрыто",
  none: "нет",
  empty: "пусто",
  unread: "Конфигурацию сейчас не прочитать.",
  again: "Повторить запрос",

  about: "Этот экземпляр",
  pipeline: "Конвейер",
  version: "Версия",
  uptime: "Работает",
  memory: "Память",
  unknown: "неизвестно",
  sizes: ["Б", "КиБ", "МиБ", "ГиБ", "ТиБ"],

  tryIt: "Попробовать",
  send: "Отправить 5 тестовых заказов",
  sending: "Отправляются",
  sent: "Отправлены.",
  awaiting: (stored, all) => `Сохранено ${stored} из ${all}.`,
  storedAs: "Сохранены как ",
  to: "–",
  refusedSome: { one: "попал в отказы", few: "попали в отказы", many: "попали в отказы", other: "попали в отказы" },
  openLetters: "открыть отказы",
  notYet: "Пока не сохранены: ждут в потоке, ни один не потерян.",
  cannot: "Отправлять нечего: в конфигурации нет раздела ",
  closed: "Выключено: адрес доступен другим, а токен не задан.",
  sourceAway: "Источник не отвечает. Ничего не отправлено.",
  failed: "Ничего не отправлено.",
  gone: "Сервер не отвечает.",
  request: (id) => `запрос ${id}`,

  machines: "Для программ",
  links: { liveness: "Работоспособность", readiness: "Готовность", metrics: "Метрики", api: "API", status: "Состояние" },
};

export default { en, ru };
