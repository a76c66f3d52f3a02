//! Records of CSV (RFC 4180) as bytes: a field may hold any bytes.

/// One record with its line end.
pub(crate) fn record<F: AsRef<[u8]>>(fields: impl IntoIterator<Item = F>) -> Vec<u8> {
    let mut record = Vec::new();
    for field in fields {
        push(&mut record, field.as_ref());
        record.push(b',');
    }
    record.pop();
    record.push(b'\n');
    record
}

fn push(record: &mut Vec<u8>, field: &[u8]) {
    if !field.iter().any(|byte| b",\"\r\n".contains(byte)) {
        return record.extend_from_slice(field);
    }
    record.push(b'"');
    for byte in field {
        record.push(*byte);
        if *byte == b'"' {
            record.push(b'"');
        }
    }
    record.push(b'"');
}

/// Whether these bytes end where a record ends: a line end within quotes belongs to a field.
pub(crate) fn is_whole(bytes: &[u8]) -> bool {
    bytes.ends_with(b"\n") && bytes.iter().filter(|byte| **byte == b'"').count() % 2 == 0
}

/// The fields of a whole record.
pub(crate) fn fields(record: &[u8]) -> Vec<Vec<u8>> {
    let (mut fields, mut field, mut is_quoted) = (Vec::new(), Vec::new(), false);
    let mut bytes = record.strip_suffix(b"\n").unwrap_or(record).iter().peekable();
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' if is_quoted && bytes.next_if_eq(&&b'"').is_some() => field.push(b'"'),
            b'"' => is_quoted = !is_quoted,
            b',' if !is_quoted => fields.push(std::mem::take(&mut field)),
            byte => field.push(*byte),
        }
    }
    fields.push(field);
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_fields_come_back_and_no_part_of_their_record_is_whole() {
        let odd = [&b"a"[..], b"", b"\"", b"\"\n\"", b",\r\n", b"\0\xff", b"\n"];
        let record = record(odd);
        assert_eq!(fields(&record), odd);
        for end in 0..=record.len() {
            assert_eq!(is_whole(&record[..end]), end == record.len(), "{end}");
        }
    }
}
