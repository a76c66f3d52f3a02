//! Unpacks gzip while it is being read.

use std::io::{self, BufRead, BufReader, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use flate2::bufread::MultiGzDecoder;

/// A reader of the unpacked content of gzip bytes. If they have several gzip members, it reads all
/// of them. Its errors say whether the gzip data are cut off or damaged.
pub fn unpacker<'a>(packed: impl BufRead + 'a) -> impl Read + 'a {
    Unpacker(MultiGzDecoder::new(packed))
}

struct Unpacker<R>(MultiGzDecoder<R>);

impl<R: BufRead> Read for Unpacker<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer).map_err(|error| match error.kind() {
            kind @ io::ErrorKind::UnexpectedEof => {
                io::Error::new(kind, "its gzip data are cut off")
            }
            kind @ (io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData) => {
                io::Error::new(kind, format!("its gzip data are damaged: {error}"))
            }
            _ => error,
        })
    }
}

/// Counts the gzip bytes that are read, because the progress of a file is shown in bytes of the
/// file.
pub(crate) fn counted<R: Read>(input: R, count: &Arc<AtomicU64>) -> impl BufRead + use<R> {
    BufReader::new(Counted { input, count: Arc::clone(count) })
}

struct Counted<R> {
    input: R,
    count: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.input.read(buffer)?;
        self.count.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}
