// The words around the token that writes need.

const en = {
  label: "Token for changes",
  use: "Use it",
  wrong: "The server refused the one before.",
  kept: "Kept in this tab alone, until it is closed.",
};

const ru = {
  label: "Токен для изменений",
  use: "Применить",
  wrong: "Прежний токен сервер отклонил.",
  kept: "Хранится только в этой вкладке, пока она открыта.",
};

export default { en, ru };
