import type { DoorError, Text } from './types';

/** What the door says of the files of projects. */

export type DataKind = 'folder' | 'file' | 'link' | 'other';

export interface DataEntry {
  /** Bytes that are no text stand as characters from U+F780 on; show it with `shownName`. */
  name: string;
  kind: DataKind;
  size: number;
  modified_at: string;
  version: string;
  target?: string;
  /** The code of an error: why the name cannot stand on both Windows and Linux. */
  odd?: string;
}

export interface DataGroup {
  group_id: string;
  name: Text;
  used: boolean;
  known: boolean;
}

export interface DataRights {
  read: boolean;
  write: boolean;
  foreign: boolean;
  shared: boolean;
  owner: string;
  project: string;
}

export interface DataGroups {
  groups: DataGroup[];
  rights: DataRights;
}

/** Where a file is: "" as path is the outermost folder. */
export interface DataFileRequest {
  project_id: number;
  group_id: string;
  path: string;
}

export interface DataPathsRequest {
  project_id: number;
  group_id: string;
  paths: string[];
}

export interface DataFolderRequest extends DataFileRequest {
  from: number;
  limit: number;
}

export interface DataFolderView {
  entries: DataEntry[];
  total: number;
}

export interface Dialect {
  delimiter: string;
  quote: string;
  header: boolean;
}

export interface DataFileView {
  entry: DataEntry;
  kind: string;
  encoding: string;
  type: string;
  whole: boolean;
  exact: boolean;
  text: string;
  version: string;
  head: string;
  problem?: DoorError;
  dialect: Dialect;
}

export interface DataTextRequest extends DataFileRequest {
  encoding: string;
  offset: number;
}

export interface DataTextView {
  text: string;
  next: number;
  size: number;
}

export interface DataReadRequest extends DataFileRequest {
  offset: number;
  limit: number;
  version: string;
}

export interface DataPart {
  /** Base64. */
  data: string;
  size: number;
  version: string;
}

export interface DataTableRequest extends DataFileRequest {
  encoding: string;
  dialect: Dialect;
  from: number;
  limit: number;
}

export interface DataTableView {
  rows: string[][];
  total: number;
  partial: boolean;
}

export interface DataJSONResult {
  text: string;
  problem: DoorError | null;
}

export interface DataSaveRequest extends DataFileRequest {
  text: string;
  encoding: string;
  version: string;
  unchecked: boolean;
}

export interface DataSaved {
  entry: DataEntry;
  version: string;
}

export interface DataCount {
  files: number;
  folders: number;
  bytes: number;
}

export interface DataUploadRequest extends DataFileRequest {
  size: number;
  existing: string;
  version: string;
}

export interface DataTransfer {
  id: string;
  name: string;
  size: number;
}

export interface DataUploaded {
  entry: DataEntry;
  path: string;
}

export interface DataDownloaded {
  /** Base64. */
  data: string;
  end: boolean;
  left: string[];
}

/** In which folders of a project something changed. */
export interface DataEvent {
  project_id: number;
  group_id: string;
  paths: string[];
}

export interface DataMethods {
  'Data.Groups': [{ project_id: number }, DataGroups];
  'Data.List': [DataFolderRequest, DataFolderView];
  'Data.Look': [DataFileRequest, DataFileView];
  'Data.Text': [DataTextRequest, DataTextView];
  'Data.Read': [DataReadRequest, DataPart];
  'Data.Table': [DataTableRequest, DataTableView];
  'Data.FormatJSON': [{ text: string }, DataJSONResult];
  'Data.Watch': [DataPathsRequest, null];
  'Data.Save': [DataSaveRequest, DataSaved];
  'Data.MakeFolder': [DataFileRequest, { path: string }];
  'Data.Move': [{ project_id: number; group_id: string; from: string; to: string }, { path: string }];
  'Data.Weigh': [DataPathsRequest, DataCount];
  'Data.Delete': [DataPathsRequest & { files: number }, DataCount];
  'Data.Upload': [DataUploadRequest, DataTransfer];
  'Data.UploadPart': [{ id: string; offset: number; data: string }, { size: number }];
  'Data.UploadEnd': [{ id: string; existing: string; version: string }, DataUploaded];
  'Data.Download': [DataPathsRequest, DataTransfer];
  'Data.DownloadPart': [{ id: string }, DataDownloaded];
  'Data.TransferEnd': [{ id: string }, null];
}
