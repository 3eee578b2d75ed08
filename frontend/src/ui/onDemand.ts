/** Parts of the page that are loaded when they are first wanted. */
import { useEffect, useState } from "react";

import { toast } from "./toasts.ts";

export interface OnDemand<Part> {
  /** Loads it, for it may be wanted soon. */
  readonly preload: () => void;
  /** The part; nothing while it is not loaded. It is loaded once it is wanted; `onFailed` is called when it cannot be. */
  readonly usePart: (wanted: boolean, onFailed: () => void) => Part | undefined;
}

export function onDemand<Part>(load: () => Promise<Part>): OnDemand<Part> {
  let part: Part | undefined;
  let loading: Promise<Part> | undefined;
  const once = () => {
    loading ??= load().then(
      (loaded) => (part = loaded),
      (failure: unknown) => {
        // It may be wanted again when the network is back.
        loading = undefined;
        throw failure;
      },
    );
    return loading;
  };
  return {
    preload: () => void once().catch(() => {}),
    usePart(wanted, onFailed) {
      const [, setLoaded] = useState(part !== undefined);
      useEffect(() => {
        if (!wanted || part !== undefined) return;
        let here = true;
        const failed = () => {
          if (!here) return;
          toast("A part of this page could not be loaded: the server may be away, or newer than the page.", "error");
          onFailed();
        };
        once().then(() => here && setLoaded(true), failed);
        return () => {
          here = false;
        };
        // Whoever wants it is told once; what to do when it fails is as it was then.
      }, [wanted]);
      return wanted ? part : undefined;
    },
  };
}
