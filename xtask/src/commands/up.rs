//! `cargo xtask up`: from a fresh clone to a lamp that Alexa turns on.

use std::time::{Duration, Instant};

use sandbox::deployed::Function;
use sandbox::endpoints::table;
use sandbox::house::{Alexa, House, lamp};
use sandbox::interrupt::{listen_for_insistence, unless_interrupted};
use sandbox::lambda::Lambda;
use sandbox::parts::doorbell::BELL;
use sandbox::progress::{Progress, spoken};
use sandbox::pulumi::AwsPluginInUse;
use sandbox::tools::Tools;
use sandbox::{DEV, Error, Result, Running, Sandbox};

use super::press::ring;
use super::print;

pub(crate) async fn run(sandbox: &Sandbox) -> Result<u8> {
    listen_for_insistence()?;
    unless_interrupted(up(sandbox)).await?;
    Ok(0)
}

async fn up(sandbox: &Sandbox) -> Result<()> {
    let began = Instant::now();
    let _lock = sandbox.lock()?;
    let progress = Progress::on_stderr();
    let tools = sandbox.prepare(&progress).await?;
    let running = sandbox.start(&tools, &progress).await?;
    if let AwsPluginInUse::Official(folder) = sandbox.aws_plugin(&tools, &progress).await? {
        progress.say(&format!("  The aws plugin is your own: {}", folder.display()));
    }
    sandbox.prepare_dev(&running, &progress).await?;
    progress.say("\npulumi up");
    sandbox.deploy_dev(&running).await?;
    show_house(sandbox, &running).await?;
    show_door(sandbox, &running, &tools, &progress).await?;
    print(urls(sandbox))?;
    print(format!("\nAll of it took {}.\n", spoken(began.elapsed())))
}

/// Alexa discovers the house and turns on the lamp; the house itself is asked whether it shines.
async fn show_house(sandbox: &Sandbox, running: &Running) -> Result<()> {
    let (lambda, house) = (Lambda::new()?, House::new(&running.access)?);
    let function = sandbox.stack(DEV).function(Function::Bridge).await?;
    let alexa = Alexa { lambda: &lambda, function: &function, token: &running.access.token };
    print("\nAlexa, through the deployed function and the tailnet\n")?;
    let (devices, took) = timed(alexa.discover()).await?;
    let names: Vec<&str> = devices.iter().map(|device| device.friendly_name.as_str()).collect();
    print(format!("  discovers {} devices: {}   {took}\n", names.len(), names.join(", ")))?;
    let lamp = lamp(&devices).ok_or_else(|| Error::Answer("Discovery lists no light to turn on".into()))?;
    let (name, entity) = (&lamp.friendly_name, lamp.entity_id());
    house.turn_off(&entity).await?;
    let before = house.settles(&entity, "off").await?;
    let ((), took) = timed(alexa.turn_on(lamp)).await?;
    let after = house.settles(&entity, "on").await?;
    print(format!(
        "  turns on {name}   {took}\nHome Assistant says that {entity} was {before} and is {after}.\n"
    ))?;
    if after == "on" { Ok(()) } else { Err(Error::Answer(format!("{entity} is {after} after TurnOn"))) }
}

/// A customer links the doorbell's skill, and somebody presses the button, of which everybody at the house is told.
async fn show_door(sandbox: &Sandbox, running: &Running, tools: &Tools, progress: &Progress) -> Result<()> {
    let (stack, lambda) = (sandbox.stack(DEV), Lambda::new()?);
    print("\nThe doorbell, through the daemon and Alexa's event gateway\n")?;
    let ((), took) = timed(sandbox.link_doorbell(&stack, &lambda, &running.developer)).await?;
    print(format!("  is linked by a customer   {took}\n"))?;
    let household = sandbox.start_household(running, tools, progress).await?;
    sandbox.start_doorbell_at(&household, &stack, tools, progress).await?;
    ring(sandbox, BELL, &running.access).await
}

async fn timed<T>(work: impl Future<Output = Result<T>>) -> Result<(T, String)> {
    let began = Instant::now();
    let value = work.await?;
    let took = began.elapsed();
    let text = if took < Duration::from_secs(1) { format!("{} ms", took.as_millis()) } else { spoken(took) };
    Ok((value, text))
}

fn urls(sandbox: &Sandbox) -> String {
    let mut text = String::from("\nIt keeps running:\n");
    for row in table(&sandbox.layout) {
        text += &format!("  {:<16} {:<26} {}\n", row.what, row.url, row.note);
    }
    text + NEXT
}

const NEXT: &str = "
Next:
  cargo xtask status                       what runs
  cargo xtask press                        somebody is at the door
  cargo xtask invoke bridge FILE           a directive of your own through the function (- reads stdin)
  eval \"$(cargo xtask env)\"                then plain pulumi preview, up, refresh, stack output
  cargo xtask down                         end everything
";
