// What the page says, in English and Russian, and how it writes times and counts.

const EN = {
  locale: "en-GB",
  numbers: "en",
  other: { code: "ru", short: "RU", name: "Русский" },
  skip: "Skip to content",
  findLabel: "Find a document",
  findHint: "Document id",
  find: "Find",
  foot: (zone) => `Times are in your zone, ${zone}. Amounts and texts are shown as published.`,

  polling: "Every 5 s",
  unready: "Not ready",
  stale: (time) => `Stale since ${time}`,
  stages: { source: "The source", validate: "The validator", sink: "The database", query: "The query side" },
  reasons: {
    starting: "is starting.",
    unreachable: "does not answer.",
    timed_out: "answers too late.",
    contended: "is busy.",
    full: "has no room left.",
    denied: "refuses access.",
    mismatch: "does not fit the configuration.",
  },
  unworkable: "cannot work at present.",
  waiting: "Documents wait in the stream, none is lost.",
  since: (time) => `since ${time}`,
  request: (id) => `request ${id}`,

  document: "Document",
  documentId: (id) => `Document ${id}`,
  created: "created",
  askAgain: "Ask again",
  before: "Before",
  ms: "ms",
  startTitle: "No document chosen yet",
  startText: "Ask for one by its id: the first has id 1. It appears here as a card and as JSON. The command below publishes 5 test orders.",
  copyCommand: "Copy command",
  loading: "Loading",
  notFound: (id) => `No document with id ${id}`,
  notFoundText: "A document gets its id when it is stored. One that is still in the stream has none yet.",
  badId: (id) => [id, " is no document id."],
  badIdText: "An id is a whole number from 1.",
  refused: "The server refused the question.",
  failed: "The server cannot answer at present.",
  failedText: "What is stored stays, and documents in the stream wait: none is lost.",
  gone: "The server does not answer.",
  goneText: "The page asks again by itself.",
  nextTry: (seconds) => `Next try in ${seconds} s.`,
  tryNow: "Try now",
  notJson: "This document is no JSON. Its text is shown as stored.",

  customer: "Customer",
  deliverTo: "Deliver to",
  item: "Item",
  itemsTitle: "Items",
  quantity: "Qty",
  price: "Price",
  sale: "Sale",
  sum: "Sum",
  sumIn: (currency) => ["Sum, ", currency],
  size: (size) => ["size ", size],
  payment: "Payment",
  paid: "Paid",
  provider: "Provider",
  bank: "Bank",
  goods: "Goods",
  delivery: "Delivery",
  customsFee: "Customs fee",
  total: "Total",
  mismatch: (items, goods) => `The items add up to ${items}, the order states ${goods} for goods. Shown as published.`,
  otherFields: "Other fields",
  ownFields: "Fields",
  none: "none",
  empty: "empty",
  showMore: (count) => `Show ${count} more`,

  foldAll: "Fold all",
  unfoldAll: "Unfold all",
  copy: "Copy",
  copyCurl: "Copy curl",
  copied: "Copied",
  notCopied: "Not copied",
  raw: "Raw",
  fieldCount: { one: "field", other: "fields" },
  itemCount: { one: "item", other: "items" },
  elementCount: { one: "item", other: "items" },
};

const RU = {
  locale: "ru-RU",
  numbers: "ru",
  other: { code: "en", short: "EN", name: "English" },
  skip: "К содержанию",
  findLabel: "Найти документ",
  findHint: "id документа",
  find: "Найти",
  foot: (zone) => `Время местное, ${zone}. Суммы и тексты показаны как опубликованы.`,

  polling: "Каждые 5 с",
  unready: "Не готов",
  stale: (time) => `Нет связи с ${time}`,
  stages: { source: "Источник", validate: "Проверка", sink: "База данных", query: "Модуль запросов" },
  reasons: {
    starting: "запускается.",
    unreachable: "не отвечает.",
    timed_out: "отвечает слишком поздно.",
    contended: "сейчас в работе.",
    full: "без свободного места.",
    denied: "не даёт доступа.",
    mismatch: "не соответствует конфигурации.",
  },
  unworkable: "сейчас не работает.",
  waiting: "Документы ждут в потоке, ни один не потерян.",
  since: (time) => `с ${time}`,
  request: (id) => `запрос ${id}`,

  document: "Документ",
  documentId: (id) => `Документ ${id}`,
  created: "создан",
  askAgain: "Запросить ещё раз",
  before: "До этого",
  ms: "мс",
  startTitle: "Документ ещё не выбран",
  startText: "Запросите документ по id: у первого id 1. Он появится здесь карточкой и в виде JSON. Команда ниже публикует 5 тестовых заказов.",
  copyCommand: "Скопировать команду",
  loading: "Загрузка",
  notFound: (id) => `Нет документа с id ${id}`,
  notFoundText: "Документ получает id, когда сохранён. Пока он в потоке, id у него нет.",
  badId: (id) => [id, " не является id документа."],
  badIdText: "id — целое число от 1.",
  refused: "Сервер отклонил запрос.",
  failed: "Сервер сейчас не может ответить.",
  failedText: "Сохранённое остаётся, документы в потоке ждут: ни один не потерян.",
  gone: "Сервер не отвечает.",
  goneText: "Страница повторит запрос сама.",
  nextTry: (seconds) => `Следующая попытка через ${seconds} с.`,
  tryNow: "Повторить сейчас",
  notJson: "Этот документ не JSON. Текст показан как сохранён.",

  customer: "Покупатель",
  deliverTo: "Адрес доставки",
  item: "Наименование",
  itemsTitle: "Товары",
  quantity: "Кол-во",
  price: "Цена",
  sale: "Скидка",
  sum: "Сумма",
  sumIn: (currency) => ["Сумма, ", currency],
  size: (size) => ["размер ", size],
  payment: "Оплата",
  paid: "Оплачено",
  provider: "Платёжная система",
  bank: "Банк",
  goods: "Стоимость товаров",
  delivery: "Доставка",
  customsFee: "Таможенная пошлина",
  total: "Итого",
  mismatch: (items, goods) => `Сумма по товарам ${items}, а в заказе за товары указано ${goods}. Показано как опубликовано.`,
  otherFields: "Остальные поля",
  ownFields: "Поля",
  none: "нет",
  empty: "пусто",
  showMore: (count) => `Показать ещё ${count}`,

  foldAll: "Свернуть всё",
  unfoldAll: "Развернуть всё",
  copy: "Скопировать",
  copyCurl: "Скопировать curl",
  copied: "Скопировано",
  notCopied: "Не скопировано",
  raw: "Исходный текст",
  fieldCount: { one: "поле", few: "поля", many: "полей", other: "поля" },
  itemCount: { one: "товар", few: "товара", many: "товаров", other: "товара" },
  elementCount: { one: "элемент", few: "элемента", many: "элементов", other: "элемента" },
};

const LANGUAGES = { en: EN, ru: RU };
const REMEMBERED = "language";

/** The words in use. */
export let words = EN;

/** Takes the remembered language, else the browser's. */
export function chooseLanguage() {
  const wanted = [recall(), ...navigator.languages.map((tag) => tag.slice(0, 2))];
  use(wanted.find((code) => Object.hasOwn(LANGUAGES, code)) ?? "en");
}

export function switchLanguage() {
  const { code } = words.other;
  use(code);
  try {
    localStorage.setItem(REMEMBERED, code);
  } catch {
    // Storage is switched off: the choice lasts as long as the page.
  }
}

/** `2 items`, in the plural form of the language. */
export function count(number, noun) {
  const forms = words[noun];
  return `${number} ${forms[new Intl.PluralRules(words.numbers).select(number)]}`;
}

/** `26 Nov 2021, 09:22` in the reader's zone. */
export function dateTime(date) {
  return format(date, { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" });
}

/** `17:04:31` in the reader's zone. */
export function clock(date) {
  return format(date, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
}

export function zone() {
  const parts = new Intl.DateTimeFormat(words.locale, { timeZoneName: "shortOffset" }).formatToParts();
  return parts.find(({ type }) => type === "timeZoneName").value;
}

/** `0.03 ms`: short times keep two places. */
export function milliseconds(duration) {
  const places = duration < 1 ? 2 : duration < 100 ? 1 : 0;
  const least = duration > 0 && duration < 0.005;
  const number = new Intl.NumberFormat(words.numbers, { maximumFractionDigits: places });
  return `${least ? "<" : ""}${number.format(least ? 0.01 : duration)}\u00a0${words.ms}`;
}

function format(date, options) {
  return new Intl.DateTimeFormat(words.locale, options).format(date);
}

function use(code) {
  words = LANGUAGES[code];
  document.documentElement.lang = code;
}

function recall() {
  try {
    return localStorage.getItem(REMEMBERED);
  } catch {
    return null;
  }
}
