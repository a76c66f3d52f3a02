// Which letter is open: the address says it, else the newest when the list came.

import { useRoute } from "../../route.js";
import { useEffect, useRef, useState } from "../../vendor/preact.js";

/** [id, called]: `called` is true once a person chose a letter on this visit. */
export function useChosen(letters) {
  const asked = idIn(useRoute().query);
  const atFirst = useRef(asked);
  const [newest, setNewest] = useState();
  const [called, setCalled] = useState(false);

  useEffect(() => {
    if (newest === undefined && letters?.length) setNewest(letters[0].id);
  }, [letters]);
  useEffect(() => {
    if (asked !== atFirst.current) setCalled(true);
  }, [asked]);

  return [asked ?? newest, called];
}

function idIn(query) {
  const id = query.get("letter");
  return id !== null && /^\d{1,15}$/.test(id) ? Number(id) : undefined;
}
