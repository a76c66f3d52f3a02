use std::fmt;

use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::copy::Rows;

/// An order of the bench, parsed in the fastest way: typed, with borrowed texts, nothing checked.
#[derive(Deserialize)]
pub struct Order<'a> {
    order_uid: &'a str,
    track_number: &'a str,
    entry: &'a str,
    #[serde(borrow)]
    delivery: Delivery<'a>,
    payment: Payment<'a>,
    items: Vec<Item<'a>>,
    locale: &'a str,
    internal_signature: &'a str,
    customer_id: &'a str,
    delivery_service: &'a str,
    shardkey: &'a str,
    sm_id: i64,
    date_created: &'a str,
    oof_shard: &'a str,
}

/// The same, if only the key is used.
#[derive(Deserialize)]
pub struct Keyed<'a> {
    pub track_number: &'a str,
}

#[derive(Deserialize)]
struct Delivery<'a> {
    name: &'a str,
    phone: &'a str,
    zip: &'a str,
    city: &'a str,
    address: &'a str,
    region: &'a str,
    email: &'a str,
}

#[derive(Deserialize)]
struct Payment<'a> {
    transaction: &'a str,
    request_id: &'a str,
    currency: &'a str,
    provider: &'a str,
    amount: Hundredths,
    payment_dt: i64,
    bank: &'a str,
    delivery_cost: Hundredths,
    goods_total: Hundredths,
    custom_fee: Hundredths,
}

#[derive(Deserialize)]
struct Item<'a> {
    chrt_id: i64,
    track_number: &'a str,
    price: Hundredths,
    rid: &'a str,
    name: &'a str,
    sale: Hundredths,
    size: &'a str,
    total_price: Hundredths,
    nm_id: i64,
    brand: &'a str,
    status: i64,
}

impl Order<'_> {
    /// Writes the order in the order of the columns of `COPY`.
    pub fn write(
        &self,
        id: i64,
        payload: &str,
        orders: &mut Rows,
        items: &mut Rows,
    ) -> anyhow::Result<()> {
        let (delivery, payment) = (&self.delivery, &self.payment);
        let created = OffsetDateTime::parse(self.date_created, &Rfc3339)?;
        orders.row(32).bigint(id).texts([self.order_uid, self.track_number, self.entry]);
        orders.texts([delivery.name, delivery.phone, delivery.zip, delivery.city]);
        orders.texts([delivery.address, delivery.region, delivery.email, payment.transaction]);
        orders.texts([payment.request_id, payment.currency, payment.provider]);
        orders.numeric(payment.amount.0).bigint(payment.payment_dt).text(payment.bank);
        orders.numeric(payment.delivery_cost.0).numeric(payment.goods_total.0);
        orders.numeric(payment.custom_fee.0).texts([self.locale, self.internal_signature]);
        orders.texts([self.customer_id, self.delivery_service, self.shardkey]).bigint(self.sm_id);
        orders.time(created)?.texts([self.oof_shard, payload]);
        // The values of the message. Encoding its time of publishing costs as much as encoding any
        // time.
        orders.time(created)?.integer(1);
        self.items.iter().for_each(|item| item.write(id, items));
        Ok(())
    }
}

impl Item<'_> {
    fn write(&self, order: i64, items: &mut Rows) {
        items.row(12).bigint(order).bigint(self.chrt_id).text(self.track_number);
        items.numeric(self.price.0).texts([self.rid, self.name]).numeric(self.sale.0);
        items.text(self.size).numeric(self.total_price.0).bigint(self.nm_id);
        items.text(self.brand).bigint(self.status);
    }
}

/// `453`, `99.99` or `"30.3"`, times a hundred.
struct Hundredths(u64);

impl<'de> Deserialize<'de> for Hundredths {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Lexeme)
    }
}

struct Lexeme;

impl<'de> Visitor<'de> for Lexeme {
    type Value = Hundredths;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number")
    }

    fn visit_u64<E>(self, integer: u64) -> Result<Hundredths, E> {
        Ok(Hundredths(integer * 100))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Hundredths, E> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let digits = format!("{whole}{fraction:0<2}");
        digits.parse().map(Hundredths).map_err(E::custom)
    }

    /// `serde_json` passes numbers that are not integers like this.
    fn visit_map<A: MapAccess<'de>>(self, mut number: A) -> Result<Hundredths, A::Error> {
        number.next_key::<String>()?;
        let digits: String = number.next_value()?;
        self.visit_str(&digits)
    }
}
