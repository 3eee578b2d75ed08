import { useEffect, useState } from "react";

/** The time, in milliseconds since 1970, as it goes on: for words such as "2 minutes ago". */
export function useNow(every = 10_000): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), every);
    return () => clearInterval(timer);
  }, [every]);
  return now;
}
