import type { Argument, DoorError, DoorEvent, Method, Result } from './types';

/** A failure that the engine told: `code`, `params` and `fields` as domain.Error. */
export class DoorFailure extends Error implements DoorError {
  readonly code: string;
  readonly params: Record<string, unknown>;
  readonly fields: Record<string, DoorError>;

  constructor(error: DoorError) {
    super(error.code);
    this.name = 'DoorFailure';
    this.code = error.code;
    this.params = error.params ?? {};
    this.fields = error.fields ?? {};
  }
}

/** Makes anything that was thrown into a failure with a code; what is not the engine's is "unavailable". */
export function asFailure(thrown: unknown): DoorFailure {
  if (thrown instanceof DoorFailure) return thrown;
  const detail = thrown instanceof Error ? thrown.message : String(thrown);
  return new DoorFailure({ code: 'unavailable', params: { detail } });
}

export interface Attachment {
  close(): void;
}

/** The one way to the engine. Both adapters keep the same promises. */
export interface Door {
  readonly kind: 'desktop' | 'browser';
  /** Calls a method of the door; rejects with a DoorFailure and nothing else. */
  call<M extends Method>(
    method: M,
    ...argument: Argument<M> extends undefined ? [] : [Argument<M>]
  ): Promise<Result<M>>;
  /**
   * Hands over every event in order, from now on. After a gap (the connection
   * was lost, the engine dropped some) comes one of type "missed": ask again
   * for everything that is shown.
   */
  listen(receive: (event: DoorEvent) => void): () => void;
  /** Tells when the connection goes and comes; called at once with how it is. */
  watch(connected: (yes: boolean) => void): () => void;
  /**
   * Says that this page shows the window of an execution, until it is closed.
   * The script ends a little after its last attachment. The desktop's windows
   * are processes that attach themselves, so there it does nothing.
   */
  attach(executionId: string): Attachment;
}
