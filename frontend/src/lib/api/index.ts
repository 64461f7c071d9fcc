import type { Door } from './door';
import { HttpDoor } from './http';
import { WailsDoor, type WailsWindow } from './wails';

export { asFailure, DoorFailure, type Attachment, type Door } from './door';
export type * from './types';

function choose(): Door {
  const host = window as unknown as WailsWindow;
  return host.go?.desktop?.Door ? new WailsDoor(host) : new HttpDoor();
}

/** The door of this page. Only store classes call it. */
export const door: Door = choose();
