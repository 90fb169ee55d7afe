//! oracleGeneral, the binary format of libCacheSim and of most published cache traces.
//!
//! Records of 24 bytes, little endian, without a header: time in seconds (u32), object id (u64), size in bytes (u32), record
//! of the next access to the same object (i64, counted from 1; -1 for none). All are reads.
//!
//! The next access is computed anew, not believed: sampled and cut traces carry wrong ones. It serves to notice that a
//! file is something else: one that does not lie in the future is refused, and so is one that no trace is long enough for.

use std::io::{BufWriter, Read, Write};

use crate::error::Error;
use crate::trace::{NEVER, Op, SizeRule, Trace, TraceBuilder};

/// The size of a record in bytes.
pub const RECORD: usize = 24;

/// No trace has so many records: they would be more than 6 PB. Bytes that stand in the wrong place mostly say more.
const NO_RECORD: i64 = 1 << 48;

/// How many records are read at once.
const CHUNK: usize = 1 << 12;

/// The fields of a record at their places.
struct Record {
    time: u32,
    id: u64,
    size: u32,
    next: i64,
}

impl Record {
    #[inline]
    fn from_bytes(bytes: &[u8; RECORD]) -> Self {
        let [a, b, c, d, rest @ ..] = bytes;
        let [i0, i1, i2, i3, i4, i5, i6, i7, s0, s1, s2, s3, next @ ..] = rest;
        Self {
            time: u32::from_le_bytes([*a, *b, *c, *d]),
            id: u64::from_le_bytes([*i0, *i1, *i2, *i3, *i4, *i5, *i6, *i7]),
            size: u32::from_le_bytes([*s0, *s1, *s2, *s3]),
            next: i64::from_le_bytes(*next),
        }
    }

    fn to_bytes(&self) -> [u8; RECORD] {
        let mut bytes = [0; RECORD];
        bytes[..4].copy_from_slice(&self.time.to_le_bytes());
        bytes[4..12].copy_from_slice(&self.id.to_le_bytes());
        bytes[12..16].copy_from_slice(&self.size.to_le_bytes());
        bytes[16..].copy_from_slice(&self.next.to_le_bytes());
        bytes
    }
}

/// Reads all of `source`.
pub fn read(source: impl Read, rule: SizeRule) -> Result<Trace, Error> {
    read_with(source, rule, |_| {})
}

/// Reads all of `source` and hands each record's time to `time`, in order.
pub fn read_with(mut source: impl Read, rule: SizeRule, mut time: impl FnMut(u32)) -> Result<Trace, Error> {
    let mut builder = TraceBuilder::new(rule);
    let mut buffer = vec![0; CHUNK * RECORD];
    let mut filled = 0;
    let mut record = 0;
    loop {
        let got = match source.read(&mut buffer[filled..]) {
            Ok(got) => got,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(source) => return Err(Error::Unreadable { record: record + 1, source }),
        };
        filled += got;
        let (records, rest) = buffer[..filled].as_chunks::<RECORD>();
        if got == 0 && !rest.is_empty() {
            return Err(Error::Truncated { record: record + 1, bytes: rest.len() });
        }
        for bytes in records {
            record += 1;
            let Record { time: when, id, size, next } = Record::from_bytes(bytes);
            let later = u64::try_from(next).is_ok_and(|next| next > record) && next < NO_RECORD;
            if next != -1 && !later {
                return Err(Error::Misaligned { record, next });
            }
            builder.get(id, u64::from(size))?;
            time(when);
        }
        if got == 0 {
            return builder.finish();
        }
        let whole = records.len() * RECORD;
        buffer.copy_within(whole..filled, 0);
        filled -= whole;
    }
}

/// Writes `trace`, whose `times` are the records' times in seconds; without them the number of the record stands for it.
///
/// The format has no writes, no deletions, no hints and no sizes of 4 GiB or more. Operations and sizes are refused, before
/// anything is written; hints are left out.
pub fn write(trace: &Trace, times: Option<&[u32]>, sink: impl Write) -> Result<(), Error> {
    for (index, &o) in trace.objects().iter().enumerate() {
        let record = index as u64 + 1;
        let op = trace.op(index);
        if op != Op::Get {
            return Err(Error::OnlyReads { record, op: op.name() });
        }
        let size = trace.sizes()[o as usize];
        if u32::try_from(size).is_err() {
            return Err(Error::SizeTooLarge { record, id: trace.ids()[o as usize], size });
        }
    }
    let mut sink = BufWriter::with_capacity(1 << 16, sink);
    for (index, (&o, &next)) in trace.objects().iter().zip(trace.next_use()).enumerate() {
        let count = u32::try_from(index).unwrap_or(u32::MAX);
        let record = Record {
            time: times.and_then(|times| times.get(index).copied()).unwrap_or(count),
            id: trace.ids()[o as usize],
            size: u32::try_from(trace.sizes()[o as usize]).unwrap_or(u32::MAX),
            next: if next == NEVER { -1 } else { i64::from(next) + 1 },
        };
        sink.write_all(&record.to_bytes())?;
    }
    sink.flush()?;
    Ok(())
}
