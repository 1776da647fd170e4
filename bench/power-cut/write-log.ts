/** What `write-recorder.c` writes down, record by record. */

/** One thing that a recorded process did, in the order in which it did it. Paths are absolute. */
export type LogRecord =
  | { readonly kind: "create"; readonly inode: bigint; readonly path: string }
  | { readonly kind: "write"; readonly inode: bigint; readonly offset: number; readonly data: Buffer }
  | { readonly kind: "truncate"; readonly inode: bigint; readonly size: number }
  /** A flush that has returned. */
  | { readonly kind: "sync"; readonly inode: bigint; readonly path: string }
  | { readonly kind: "sync-directory"; readonly path: string }
  | { readonly kind: "rename"; readonly from: string; readonly to: string }
  | { readonly kind: "link"; readonly from: string; readonly to: string }
  | { readonly kind: "unlink"; readonly path: string }
  | { readonly kind: "mkdir"; readonly path: string }
  | { readonly kind: "rmdir"; readonly path: string }
  /** Bytes are about to leave over TCP to this IPv4 address, as a number; their beginning. */
  | { readonly kind: "sent"; readonly peer: number; readonly start: string };

/** The process wrote in a way that is not followed, so that nothing rebuilt from the log is worth anything. */
export class NotFollowed extends Error {
  override readonly name = "NotFollowed";
}

const magic = 0x43575243;
const headerBytes = 40;

/** Reads a log. @throws {NotFollowed} for what the recorder could not follow, Error for a damaged log. */
export function readWriteLog(log: Buffer): LogRecord[] {
  const records: LogRecord[] = [];
  let at = 0;
  while (at < log.length) {
    if (log.length - at < headerBytes) break;
    if (log.readUInt32LE(at) !== magic) throw new Error(`the log is damaged at byte ${at}`);
    const kind = log.readUInt32LE(at + 4);
    const inode = log.readBigUInt64LE(at + 8);
    const offset = Number(log.readBigUInt64LE(at + 16));
    const first = at + headerBytes;
    const second = first + Number(log.readBigUInt64LE(at + 24));
    const end = second + Number(log.readBigUInt64LE(at + 32));
    // A process that was killed may have left the last record unfinished: the call may or may not have happened.
    if (end > log.length) break;
    records.push(record(kind, inode, offset, log.subarray(first, second), log.subarray(second, end)));
    at = end;
  }
  return records;
}

function record(kind: number, inode: bigint, offset: number, first: Buffer, second: Buffer): LogRecord {
  const path = () => first.toString();
  switch (kind) {
    case 1:
      return { kind: "create", inode, path: path() };
    case 2:
      return { kind: "write", inode, offset, data: first };
    case 3:
      return { kind: "truncate", inode, size: offset };
    case 4:
      return { kind: "sync", inode, path: path() };
    case 5:
      return { kind: "sync-directory", path: path() };
    case 6:
      if (offset !== 0) throw new NotFollowed(`a rename with flags ${offset} of ${first} to ${second}`);
      return { kind: "rename", from: path(), to: second.toString() };
    case 7:
      return { kind: "link", from: path(), to: second.toString() };
    case 8:
      return { kind: "unlink", path: path() };
    case 9:
      return { kind: "mkdir", path: path() };
    case 10:
      return { kind: "rmdir", path: path() };
    case 11:
      return { kind: "sent", peer: Number(inode), start: first.toString("latin1") };
    default:
      throw new NotFollowed(`${first} ${second}`);
  }
}
