import { useEffect, useRef, useState } from "react";

/** A value that changes many times a second, as it is now and then: for what need not go along with each change. */
export function useSettled<Value>(value: Value, every: number): Value {
  const [settled, setSettled] = useState(value);
  const at = useRef(0);
  useEffect(() => {
    const timer = setTimeout(() => {
      at.current = Date.now();
      setSettled(value);
    }, Math.max(0, at.current + every - Date.now()));
    return () => clearTimeout(timer);
  }, [value, every]);
  return settled;
}
