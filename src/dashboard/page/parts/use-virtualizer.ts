/**
 * @file TanStack's virtualizer as a hook: of a long list only what is seen is on the page.
 */
import {
  elementScroll,
  observeElementOffset,
  observeElementRect,
  Virtualizer,
} from "@tanstack/virtual-core";
import type { RefObject } from "preact";
import { useLayoutEffect, useReducer, useState } from "preact/hooks";

export function useVirtualizer(options: {
  readonly count: number;
  readonly scroller: RefObject<HTMLElement | null>;
  /** Pixels of a row before it is measured. */
  readonly estimate: number;
}): Virtualizer<HTMLElement, HTMLElement> {
  const [, redraw] = useReducer((turn: number, _: null) => turn + 1, 0);
  const complete = {
    count: options.count,
    getScrollElement: () => options.scroller.current,
    estimateSize: () => options.estimate,
    scrollToFn: elementScroll,
    observeElementRect,
    observeElementOffset,
    overscan: 10,
    onChange: () => {
      redraw(null);
    },
  };
  const [virtualizer] = useState(
    () => new Virtualizer<HTMLElement, HTMLElement>(complete),
  );
  virtualizer.setOptions(complete);
  useLayoutEffect(() => virtualizer._didMount(), []);
  useLayoutEffect(() => {
    virtualizer._willUpdate();
  });
  return virtualizer;
}
