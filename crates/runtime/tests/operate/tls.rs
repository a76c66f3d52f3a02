//! An instance with a certificate, and the commands that ask it.

use l0_testkit::tls::{Certified, Pair};
use l0_testkit::{Output, Runtime, eventually};

use crate::lab::{Lab, binary, end};
use crate::stack::SOON;

/// The demo with this certificate on its page.
async fn start(lab: &Lab, folder: &Certified) -> Runtime {
    lab.start(&lab.command().args(encrypted(folder))).await
}

fn encrypted(folder: &Certified) -> [String; 4] {
    let [cert, key] = ["cert", "key"].map(|name| {
        let file = folder.file(&format!("{name}.pem"));
        format!("query.http.tls_{name}_file={}", file.display())
    });
    ["--set".into(), cert, "--set".into(), key]
}

/// Runs a command with the configuration of that instance.
async fn ask(command: &[&str], lab: &Lab, folder: &Certified) -> (Option<i32>, Output) {
    let listen = format!("query.http.listen={}", lab.page());
    let configured = ["-c", "examples/http-to-sqlite.toml", "--set", &listen];
    let command = binary().args(command.iter().copied()).args(configured);
    let (status, output) = command.args(encrypted(folder)).run(SOON).await;
    (status.code(), output)
}

/// Runs a command with the URL of the instance.
async fn top(url: &str, more: &[&str]) -> (Option<i32>, Output) {
    let command = binary().args(["top", "--url", url]).args(more.iter().copied());
    let (status, output) = command.run(SOON).await;
    (status.code(), output)
}

fn url(lab: &Lab) -> String {
    format!("https://{}/", lab.page())
}

#[tokio::test]
async fn an_instance_of_the_configuration_is_known_by_its_certificate_whatever_its_name() {
    let (lab, folder) = (Lab::new(), Certified::with(&Pair::of("orders.example")));
    let demo = start(&lab, &folder).await;
    let (code, output) = ask(&["health"], &lab, &folder).await;
    assert_eq!(code, Some(0), "{}", output.stderr);
    assert!(output.stderr.contains(&format!("{} is ready", url(&lab))), "{}", output.stderr);
    let (code, output) = ask(&["top", "--once"], &lab, &folder).await;
    assert_eq!(code, Some(0), "{}", output.stderr);
    assert!(output.stdout.contains(&url(&lab)), "{}", output.stdout);
    let (_, output) = ask(&["doctor", "--json"], &lab, &folder).await;
    assert!(output.stdout.contains("is held by a running instance"), "{}", output.stdout);

    let other = Certified::with(&Pair::of("orders.example"));
    let (code, output) = ask(&["health"], &lab, &other).await;
    assert_eq!(code, Some(3), "{}", output.stderr);
    let says = "the server shows another certificate than the one in `";
    assert!(output.stderr.contains(says), "{}", output.stderr);
    end(&demo).await;
}

#[tokio::test]
async fn an_instance_by_its_url_proves_its_name_by_an_authority() {
    let (lab, folder) = (Lab::new(), Certified::with(&Pair::of("127.0.0.1")));
    let demo = start(&lab, &folder).await;
    let ca = folder.file("cert.pem").display().to_string();
    let (code, output) = top(&url(&lab), &["--ca", &ca]).await;
    assert_eq!(code, Some(0), "{}", output.stderr);
    let named = format!("https://localhost:{}/", lab.page().port());
    for (url, more) in [(&url(&lab), &[][..]), (&named, &["--ca", &ca])] {
        let (code, output) = top(url, more).await;
        assert_eq!(code, Some(3), "{}", output.stderr);
        assert!(output.stderr.contains("invalid peer certificate"), "{}", output.stderr);
    }
    let (code, output) = top("http://localhost:1/", &["--ca", &ca]).await;
    assert_eq!(code, Some(2), "{}", output.stderr);
    end(&demo).await;
}

#[tokio::test]
async fn a_new_pair_that_cannot_be_used_is_told_once_and_the_former_is_kept() {
    let (former, next) = (Pair::of("127.0.0.1"), Pair::of("127.0.0.1"));
    let (lab, folder) = (Lab::new(), Certified::with(&former));
    let demo = start(&lab, &folder).await;
    folder.write("cert.pem", &next.cert);
    let kept = "the former certificate is kept";
    let told = || demo.output().stderr.matches(kept).count();
    eventually(SOON, kept, async || {
        former.get(lab.page(), "/livez").await.expect("the former certificate");
        (told() > 0).then_some(())
    })
    .await;
    let line = demo.wait_for_log(kept, SOON).await;
    let key = folder.file("key.pem").display().to_string();
    assert!(line.contains(&format!("the key in `{key}` does not belong to")), "{line}");

    folder.write("key.pem", &next.key);
    let asked = async || next.get(lab.page(), "/livez").await.ok();
    assert_eq!(eventually(SOON, "the new certificate", asked).await.status, 200);
    assert_eq!(told(), 1);
    end(&demo).await;
}
