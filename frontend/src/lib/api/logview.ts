/** What the door says of the lines of one log. */
export type Stream = 'stdout' | 'stderr' | 'debug';

export interface LogLine {
  seq: number;
  time: string;
  stream: Stream;
  text: string;
  open?: boolean;
  cut?: boolean;
}

export interface LogPage {
  lines: LogLine[] | null;
  next: number;
  total: number;
  ended: boolean;
}

export interface LogFind {
  execution_id: string;
  text: string;
  case?: boolean;
  word?: boolean;
  regexp?: boolean;
  streams?: Stream[];
  from: number;
  backward?: boolean;
  limit: number;
}

export interface LogFound {
  lines: number[];
  count: number;
  next: number;
  total: number;
}

export interface LogRows {
  starts: number[];
  count: number;
  next: number;
}

export interface Traceback {
  first: number;
  parts: { row: number; count: number }[] | null;
  said: number;
  place: string;
}

export interface LogTracebacks {
  tracebacks: Traceback[] | null;
  next: number;
  row: number;
  total: number;
  end: boolean;
}
