// The words of a search that did not bring one document.

const en = {
  notFound: (id) => `No document with id ${id}`,
  notSeen: "Not seen yet: ",
  newestIs: (id) => `The newest is ${id}.`,
  noneStored: "No document is stored yet.",
  notKey: "No key or field has this value either.",
  ahead: (messages) => `${messages} ahead in the stream.`,
  noneAhead: "Nothing is ahead in the stream.",
  messages: { one: "message is", other: "messages are" },
  asksItself: "The page asks again by itself.",
  share: (documents, field) => `${documents} share this ${field}`,
  match: (documents) => `${documents} match`,
  documents: { one: "document", other: "documents" },
  atLeast: (documents) => `At least ${documents}`,
  firstFound: (count) => `The newest ${count} are listed.`,
  withKey: "A document with the key ",
  isLetter: " is a dead letter.",
  wasLetter: " was a dead letter.",
  letterKept: "It is kept with its reason: ",
  openLetter: "open it",
};

const ru = {
  notFound: (id) => `Нет документа с id ${id}`,
  notSeen: "Пока не встречалось: ",
  newestIs: (id) => `Самый новый — ${id}.`,
  noneStored: "Ни один документ ещё не сохранён.",
  notKey: "Ключа или поля с этим значением тоже нет.",
  ahead: (messages) => `В потоке впереди ${messages}.`,
  noneAhead: "В потоке впереди ничего нет.",
  messages: { one: "сообщение", few: "сообщения", many: "сообщений", other: "сообщения" },
  asksItself: "Страница повторит запрос сама.",
  share: (documents, field) => `${documents} с таким ${field}`,
  match: (documents) => `${documents} с таким значением`,
  documents: { one: "документ", few: "документа", many: "документов", other: "документа" },
  atLeast: (documents) => `Не меньше ${documents}`,
  firstFound: (count) => `Показаны ${count} самых новых.`,
  withKey: "Документ с ключом ",
  isLetter: " среди отказов.",
  wasLetter: " был среди отказов.",
  letterKept: "Он хранится вместе с причиной: ",
  openLetter: "открыть",
};

export default { en, ru };
