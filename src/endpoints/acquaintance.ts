/**
 * @file Getting to know a server before the first request to it: its list of models
 * tells whose server it is, so how it is spoken to, and how long the model's context is.
 *
 * Asked once, only where something is bought, never charged and never fatal: a server
 * without a list is spoken to as its address or the settings say.
 */
import { DIALECTS, dialectOfList, mannersOf } from "./dialects/dialect.js";
import type { DialectName } from "./dialects/dialect.js";
import { modelNamed } from "./dialects/model-list.js";
import type { SpokenBody } from "./dialects/spoken-body.js";
import {
  askForModels,
  noListIn,
  type ListAnswer,
} from "./model-list-request.js";
import { isRefusal } from "./transport/failure.js";
import type { AnswerRoom } from "./transport/answer-room.js";
import type { EndpointSettings } from "./transport/endpoint-settings.js";
import type { Transport } from "./transport/transport.js";
import { counted } from "../text/number-words.js";

/** A list that takes longer is done without. */
const LIST_MS = 5000;

export interface AcquaintanceParts {
  readonly transport: Transport;
  readonly settings: EndpointSettings;
  /** As the settings or the address tell. */
  readonly dialect: DialectName;
  /** Address without secrets. */
  readonly endpoint: string;
  readonly spoken: SpokenBody;
  readonly room: AnswerRoom;
  readonly onNotice?: (notice: string) => void;
}

export class Acquaintance {
  readonly #parts: AcquaintanceParts;
  #made: Promise<void> | undefined;

  constructor(parts: AcquaintanceParts) {
    this.#parts = parts;
  }

  /** Done when all that can be known is known; from then on at once. */
  make(): Promise<void> {
    return (this.#made ??= this.#make());
  }

  async #make(): Promise<void> {
    const { transport, settings, dialect, spoken, room } = this.#parts;
    const isOpen = settings.dialect === undefined && dialect === "generic";
    const list: ListAnswer =
      isOpen || settings.contextLength === undefined
        ? await askForModels(transport, LIST_MS)
        : { models: [], isOpen: true };
    if ("failure" in list && list.failure.kind === "unreachable") {
      // It may tell when it is there.
      this.#made = undefined;
      return;
    }
    const models = "models" in list ? list.models : [];
    const told = isOpen ? dialectOfList(models) : undefined;
    if (told !== undefined) spoken.speakAs(told);
    const context =
      settings.contextLength ??
      (DIALECTS[spoken.dialect].takesAnyModel === true && models.length === 1
        ? models[0]
        : modelNamed(models, settings.model)
      )?.contextLength;
    if (context !== undefined) room.limit(context);
    this.#tell(list, context);
  }

  /** All that is out of the ordinary, in one notice. */
  #tell(list: ListAnswer, context: number | undefined): void {
    const { endpoint, settings, spoken, onNotice } = this.#parts;
    const manners = mannersOf(spoken.dialect, spoken.manners);
    const parts = [
      manners === "" ? "" : `${endpoint} ${manners}.`,
      context === undefined
        ? ""
        : `The context of "${settings.model}" there has ${counted(context, "token")}: an answer gets what its prompt leaves.`,
      "other" in list && !isRefusal(list.other)
        ? `${endpoint} has no list of models: ${noListIn(list.other)}. What it does not tell is taken from the settings.`
        : "",
    ].filter((part) => part !== "");
    if (parts.length > 0) onNotice?.(parts.join(" "));
  }
}
