// The words around the token that writes need, or all.

const en = {
  label: "Token for changes",
  locked: "This page needs a token",
  reads: "Token",
  use: "Use it",
  wrong: "The server refused the last token.",
  kept: "Kept only in this tab, until it closes.",
};

const ru = {
  label: "Токен для изменений",
  locked: "Для этой страницы нужен токен",
  reads: "Токен",
  use: "Применить",
  wrong: "Прежний токен сервер отклонил.",
  kept: "Хранится только в этой вкладке, пока она открыта.",
};

export default { en, ru };
