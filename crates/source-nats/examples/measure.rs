//! measure
use l0_source_nats::NatsConfig;
use l0_stage::*;
use std::{sync::{Arc, atomic::{AtomicUsize, Ordering}}, time::{Duration, Instant}};
#[tokio::main]
async fn main() {
    let url = std::env::args().nth(1).unwrap();
    let admin = async_nats::jetstream::new(async_nats::connect(&url).await.unwrap());
    admin.delete_stream("M").await.ok();
    let config: NatsConfig = toml::from_str(&format!("url='{url}'\nstream='M'\nsubject='m'\ndurable='d'")).unwrap();
    let context = Context { pipeline: "m".into(), workers: 10, max_batch: 500, max_document_bytes: 1 << 20, base: ".".into() };
    let source: Arc<dyn Source> = Arc::from(config.connect(&context).await.unwrap());
    // latency: 10 workers idle
    let stop = Stop::new();
    let (tx, mut rx) = tokio::sync::mpsc::unbounded_channel();
    let mut ws = vec![];
    for _ in 0..10 { let (s, stop, tx) = (source.clone(), stop.clone(), tx.clone()); ws.push(tokio::spawn(async move {
        while let Some(b) = s.receive(500, &stop).await.unwrap() { let t = Instant::now(); for d in b { d.receipt.settle(Verdict::Stored { id: 1 }).await.unwrap(); tx.send(t).unwrap(); } } })); }
    let p = source.publisher().unwrap();
    let mut l = vec![]; let mut ends = vec![];
    for i in 0..2000 { tokio::time::sleep(Duration::from_millis(if i % 10 == 0 { 13 } else { 3 })).await; let t = Instant::now(); p.publish(vec![b'x'; 1300].into()).await.unwrap(); ends.push(t.elapsed()); l.push(rx.recv().await.unwrap().duration_since(t)); }
    l.sort(); ends.sort();
    println!("latency publish->receive p50 {:?} p99 {:?} max {:?}; publish ack p50 {:?} p99 {:?}", l[1000], l[1980], l[1999], ends[1000], ends[1980]);
    let out = || async { let s = async_nats::connect(&url).await; drop(s); };
    out().await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let http = |path: &str| { let o = std::process::Command::new("curl").args(["-s", &format!("http://127.0.0.1:18222{path}")]).output().unwrap(); String::from_utf8(o.stdout).unwrap() };
    let inm = || http("/varz").lines().find(|l| l.contains("\"in_msgs\"")).unwrap().trim().to_owned();
    let a = inm(); tokio::time::sleep(Duration::from_secs(10)).await; println!("idle 10 s, 10 workers: {a} -> {}", inm());
    let t = Instant::now(); stop.request(); for w in ws { w.await.unwrap(); } println!("idle stop took {:?}", t.elapsed());
    // throughput
    let n = 100_000;
    let t = Instant::now();
    let mut futs = vec![];
    for _ in 0..n { futs.push(admin.publish("m", vec![b'x'; 1300].into()).await.unwrap()); if futs.len() == 1000 { for f in futs.drain(..) { f.await.unwrap(); } } }
    println!("published {n} in {:?}", t.elapsed());
    let done = Arc::new(AtomicUsize::new(0)); let batches = Arc::new(AtomicUsize::new(0)); let stop = Stop::new();
    let t = Instant::now(); let mut ws = vec![];
    for _ in 0..10 { let (s, stop, done, batches) = (source.clone(), stop.clone(), done.clone(), batches.clone()); ws.push(tokio::spawn(async move {
        while let Some(b) = s.receive(500, &stop).await.unwrap() { let k = b.len(); for d in b { d.receipt.settle(Verdict::Stored { id: 1 }).await.unwrap(); } batches.fetch_add(1, Ordering::Relaxed);
            if done.fetch_add(k, Ordering::Relaxed) + k >= n { stop.request(); } } })); }
    while !stop.is_requested() { tokio::time::sleep(Duration::from_millis(1)).await; }
    let e = t.elapsed();
    for w in ws { w.await.unwrap(); }
    let t = Instant::now(); source.close().await.unwrap();
    println!("received and settled {} in {e:?} = {:.0}/s in {} batches; close {:?}", done.load(Ordering::Relaxed), n as f64 / e.as_secs_f64(), batches.load(Ordering::Relaxed), t.elapsed());
    let s = admin.get_stream("M").await.unwrap(); let c = s.consumer_info("d").await.unwrap();
    println!("num_ack_pending {} redelivered {} messages {}", c.num_ack_pending, c.num_redelivered, s.cached_info().state.messages);
}
