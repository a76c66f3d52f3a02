//! Rows in the binary format of `COPY`
//! (<https://www.postgresql.org/docs/current/sql-copy.html#id-1.9.55.9.4>).

use time::{OffsetDateTime, macros};

pub const ORDERS: &str = "COPY orders (id, order_uid, track_number, entry, delivery_name,
    delivery_phone, delivery_zip, delivery_city, delivery_address, delivery_region, delivery_email,
    payment_transaction, payment_request_id, payment_currency, payment_provider, payment_amount,
    payment_dt, payment_bank, payment_delivery_cost, payment_goods_total, payment_custom_fee,
    locale, internal_signature, customer_id, delivery_service, shardkey, sm_id, date_created,
    oof_shard, document, published_at, deliveries) FROM STDIN (FORMAT binary)";

pub const ITEMS: &str = "COPY order_items (order_id, chrt_id, track_number, price, rid, name, sale,
    size, total_price, nm_id, brand, status) FROM STDIN (FORMAT binary)";

pub const DOCUMENTS: &str =
    "COPY documents (id, track_number, document) FROM STDIN (FORMAT binary)";

const HEADER: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";

/// Rows that are to be sent.
pub struct Rows(Vec<u8>);

impl Default for Rows {
    fn default() -> Self {
        Self(HEADER.to_vec())
    }
}

impl Rows {
    pub fn row(&mut self, columns: i16) -> &mut Self {
        self.0.extend(columns.to_be_bytes());
        self
    }

    pub fn text(&mut self, text: &str) -> &mut Self {
        self.field(text.as_bytes())
    }

    pub fn texts<const N: usize>(&mut self, texts: [&str; N]) -> &mut Self {
        texts.into_iter().for_each(|text| {
            self.text(text);
        });
        self
    }

    pub fn bigint(&mut self, integer: i64) -> &mut Self {
        self.field(&integer.to_be_bytes())
    }

    pub fn integer(&mut self, integer: i32) -> &mut Self {
        self.field(&integer.to_be_bytes())
    }

    /// Microseconds since 2000.
    pub fn time(&mut self, time: OffsetDateTime) -> anyhow::Result<&mut Self> {
        let since = time - macros::datetime!(2000-01-01 00:00 UTC);
        Ok(self.bigint(i64::try_from(since.whole_microseconds())?))
    }

    /// A number of hundredths, not negative, as groups of four decimal digits. The last group is
    /// after the point.
    pub fn numeric(&mut self, hundredths: u64) -> &mut Self {
        let scale: i16 = if hundredths.is_multiple_of(100) { 0 } else { 2 };
        let (mut groups, mut left) = (Vec::with_capacity(6), hundredths / 100);
        while left > 0 {
            groups.push(left % 10_000);
            left /= 10_000;
        }
        let weight = i16::try_from(groups.len()).unwrap_or(i16::MAX) - 1;
        groups.reverse();
        if scale > 0 {
            groups.push(hundredths % 100 * 100);
        }
        let length = i16::try_from(groups.len()).unwrap_or(i16::MAX);
        self.size(8 + 2 * groups.len());
        for part in [length, weight, 0, scale] {
            self.0.extend(part.to_be_bytes());
        }
        for group in groups {
            self.0.extend(u16::try_from(group).unwrap_or(0).to_be_bytes());
        }
        self
    }

    pub fn finish(mut self) -> Vec<u8> {
        self.0.extend((-1_i16).to_be_bytes());
        self.0
    }

    fn field(&mut self, bytes: &[u8]) -> &mut Self {
        self.size(bytes.len());
        self.0.extend(bytes);
        self
    }

    fn size(&mut self, size: usize) {
        self.0.extend(u32::try_from(size).unwrap_or(u32::MAX).to_be_bytes());
    }
}
