//! One execution environment of a function: its process tree, from start to end.

pub mod answer;
pub mod control;
pub mod init;
pub mod log;
pub mod mount_points;
pub mod namespaces;
pub mod number;
pub mod root;
pub mod variables;

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, SystemTime};

use http::header::CONTENT_TYPE;
use reqwest::Client;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::net::TcpStream;
use tokio::process::{Child, ChildStdin, ChildStdout};
use tokio::time::{sleep, timeout};

use crate::cloudwatch::Logged;
use crate::credentials::FunctionCredentials;
use crate::function::FunctionConfiguration;
use crate::image::{Image, ImageConfiguration};
use crate::settings::Settings;

use answer::Answer;
use control::{Order, Plan, Report};
use log::FunctionLog;
use number::Number;

/// How long an environment may take until its emulator listens.
const START_DEADLINE: Duration = Duration::from_secs(10);
/// How long init may take for an order.
const ORDER_DEADLINE: Duration = Duration::from_secs(3);
/// How long a function may take to end by itself: the emulator gives it 2 s, then kills it.
const END_DEADLINE: Duration = Duration::from_secs(3);
/// How much of the log is read to understand an answer.
const LOG_READ: u64 = 64 << 10;
/// Another program may take a free port before the emulator does.
const PORT_ATTEMPTS: usize = 3;

/// A running environment.
pub struct Environment {
    child: Child,
    orders: ChildStdin,
    reports: Lines<BufReader<ChildStdout>>,
    invoke_address: SocketAddr,
    client: Client,
    log: FunctionLog,
    /// What it runs.
    pub configuration: FunctionConfiguration,
    credentials: FunctionCredentials,
    /// Its part of the function's log group.
    stream: String,
}

/// What an environment is started from.
pub struct Launch<'a> {
    /// The runner's own settings.
    pub settings: &'a Settings,
    /// The AWS emulator's address, without a `/` at the end.
    pub endpoint: &'a str,
    /// For invocations; shared by all environments.
    pub client: &'a Client,
    /// The function.
    pub configuration: &'a FunctionConfiguration,
    /// Which of its environments this one is.
    pub number: Number,
    /// Its image, unpacked.
    pub image: &'a Image,
    /// Its role's credentials.
    pub credentials: &'a FunctionCredentials,
}

/// Why an environment did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The image says nothing about what to run.
    #[error("the image of {0} names no program: give it an ENTRYPOINT, or the function an EntryPoint")]
    NoProgram(String),
    /// The system refused something.
    #[error("cannot {action} for {function}: {source}")]
    System {
        /// What was tried.
        action: &'static str,
        /// The function.
        function: String,
        /// The system's answer.
        source: io::Error,
    },
    /// Init could not follow the plan.
    #[error("the environment of {function} could not be made: {cause}")]
    Init {
        /// The function.
        function: String,
        /// What init says.
        cause: String,
    },
    /// It ended or did not answer in time.
    #[error("the environment of {function} did not start; end of its log: {log}")]
    Ended {
        /// The function.
        function: String,
        /// The last lines.
        log: String,
    },
}

/// The environment's processes have ended, or do not answer any more.
#[derive(Debug, thiserror::Error)]
#[error("the environment has ended")]
pub struct Gone;

impl Environment {
    /// Starts one and waits until its emulator takes invocations. The function itself starts with the first.
    pub async fn start(launch: &Launch<'_>) -> Result<Self, StartError> {
        let mut attempts = PORT_ATTEMPTS;
        loop {
            attempts -= 1;
            match Self::attempt(launch).await {
                Err(StartError::Ended { log, .. })
                    if attempts > 0 && log.contains("address already in use") => {}
                other => return other,
            }
        }
    }

    async fn attempt(launch: &Launch<'_>) -> Result<Self, StartError> {
        let function = &launch.configuration.name;
        let system = |action| move |source| StartError::System { action, function: function.clone(), source };
        let log = FunctionLog::new(&launch.settings.state, function, launch.number);
        let log_file = log.open().map_err(system("open the log"))?;
        let log_start = log.end();
        let [invoke_address, runtime_address] = free_addresses().map_err(system("find a free port"))?;
        let stream = format!("{}/[{}]", runtime_address.port(), launch.configuration.version);
        let plan = plan(launch, invoke_address, runtime_address, &stream)?;
        let mut child = namespaces::unshare()
            // This very program, even when its file has been replaced by a new build.
            .arg(format!("/proc/{}/exe", std::process::id()))
            .arg(init::ARGUMENT)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log_file)
            .env_clear()
            // Ctrl-C is for the runner, which ends its environments in order.
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .map_err(system("start unshare"))?;
        let (Some(orders), Some(reports)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(system("talk to init")(io::ErrorKind::BrokenPipe.into()));
        };
        let mut environment = Self {
            child,
            orders,
            reports: BufReader::new(reports).lines(),
            invoke_address,
            client: launch.client.clone(),
            log,
            configuration: launch.configuration.clone(),
            credentials: launch.credentials.clone(),
            stream,
        };
        match timeout(START_DEADLINE, environment.come_up(&plan)).await {
            Ok(Ok(())) => Ok(environment),
            Ok(Err(Some(cause))) => Err(StartError::Init { function: function.clone(), cause }),
            Ok(Err(None)) | Err(_) => {
                let tail = environment.log.tail(log_start, 2000);
                environment.kill().await;
                let log = String::from_utf8_lossy(&tail).trim().to_owned();
                Err(StartError::Ended { function: function.clone(), log })
            }
        }
    }

    /// Gives init its plan and waits until the emulator listens. An error may have init's reason.
    async fn come_up(&mut self, plan: &Plan) -> Result<(), Option<String>> {
        match self.tell(plan).await {
            Ok(Report::Started) => {}
            Ok(Report::Failed(cause)) => return Err(Some(cause)),
            Ok(Report::Frozen { .. } | Report::Thawed { .. }) | Err(Gone) => return Err(None),
        }
        // The emulator says nowhere that it listens.
        while TcpStream::connect(self.invoke_address).await.is_err() {
            if !self.is_alive() {
                return Err(None);
            }
            sleep(Duration::from_millis(2)).await;
        }
        Ok(())
    }

    /// One invocation. Whatever happens to the function, there is an answer.
    pub async fn invoke(&mut self, event: Vec<u8>) -> Answer {
        let limit = self.configuration.timeout;
        let log_start = self.log.end();
        let request = self
            .client
            .post(format!("http://{}/2015-03-31/functions/function/invocations", self.invoke_address))
            .header(CONTENT_TYPE, "application/json")
            .body(event)
            .send();
        let answered = async {
            let response = request.await?;
            let status = response.status().as_u16();
            Ok::<_, reqwest::Error>((status, response.bytes().await?.to_vec()))
        };
        let outcome = tokio::select! {
            answered = timeout(limit, answered) => Some(answered),
            _ended = self.child.wait() => None,
        };
        let log = self.log.tail(log_start, LOG_READ);
        let log = String::from_utf8_lossy(&log);
        match outcome {
            Some(Ok(Ok((status, body)))) => answer::read(status, body, limit, &log),
            Some(Err(_elapsed)) => {
                let id = answer::request_id(&log).unwrap_or("-");
                self.log.note(&format!("{id} Task timed out after {:.2} seconds", limit.as_secs_f64()));
                answer::timed_out(limit, &log)
            }
            Some(Ok(Err(_broken))) => answer::ended(&log),
            None => answer::ended(&log),
        }
    }

    /// Stops every process.
    pub async fn freeze(&mut self) -> Result<(), Gone> {
        match self.order(Order::Freeze).await? {
            Report::Frozen { running: 0, .. } => Ok(()),
            Report::Frozen { processes, running } => {
                let function = &self.configuration.name;
                tracing::warn!(function, processes, running, "some processes did not stop");
                Ok(())
            }
            Report::Started | Report::Failed(_) | Report::Thawed { .. } => Err(Gone),
        }
    }

    /// Lets every process go on. An environment whose program ended while it was frozen is as good as gone; what the
    /// program had started is the program's own affair.
    pub async fn thaw(&mut self) -> Result<(), Gone> {
        match self.order(Order::Thaw).await? {
            Report::Thawed { lost: false } => Ok(()),
            Report::Thawed { .. } | Report::Started | Report::Failed(_) | Report::Frozen { .. } => Err(Gone),
        }
    }

    /// Ends it as Lambda does: SIGTERM for a function that asked for it, SIGKILL after 2 s at the latest.
    pub async fn terminate(mut self) {
        let _ended_already = self.send(&Order::Terminate).await;
        if timeout(END_DEADLINE, self.child.wait()).await.is_err() {
            tracing::warn!(
                function = self.configuration.name,
                "environment did not end by itself, killing it"
            );
        }
        self.kill().await;
    }

    /// Ends it at once. When init has ended, so has every process of the environment.
    pub async fn kill(self) {
        let Self { mut child, orders, .. } = self;
        drop(orders);
        if timeout(ORDER_DEADLINE, child.wait()).await.is_err()
            && let Err(error) = child.kill().await
        {
            tracing::warn!(%error, "cannot kill an environment");
        }
    }

    /// Whether its processes are there.
    pub fn is_alive(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Whether its credentials will last for another invocation.
    pub fn has_fresh_credentials(&self, now: SystemTime) -> bool {
        self.credentials.are_fresh(now)
    }

    /// The process to kill, should one want to see a crash: `unshare`, which takes the whole environment with it.
    pub fn pid(&self) -> Option<u32> {
        self.child.id()
    }

    /// What it has logged since `start`, the last `limit` bytes of it.
    pub fn logged(&self, start: u64, limit: u64) -> Logged {
        Logged {
            group: self.configuration.log_group.clone(),
            stream: self.stream.clone(),
            credentials: self.credentials.clone(),
            text: String::from_utf8_lossy(&self.log.tail(start, limit)).into_owned(),
        }
    }

    /// Its function's log.
    pub fn log(&self) -> &FunctionLog {
        &self.log
    }

    async fn order(&mut self, order: Order) -> Result<Report, Gone> {
        timeout(ORDER_DEADLINE, self.tell(&order)).await.map_err(|_| Gone)?
    }

    async fn tell(&mut self, what: &impl serde::Serialize) -> Result<Report, Gone> {
        self.send(what).await?;
        let line = self.reports.next_line().await.ok().flatten().ok_or(Gone)?;
        serde_json::from_str(&line).map_err(|_| Gone)
    }

    async fn send(&mut self, what: &impl serde::Serialize) -> Result<(), Gone> {
        let mut line = serde_json::to_vec(what).map_err(|_| Gone)?;
        line.push(b'\n');
        self.orders.write_all(&line).await.map_err(|_| Gone)
    }
}

fn plan(
    launch: &Launch<'_>,
    invoke: SocketAddr,
    runtime: SocketAddr,
    stream: &str,
) -> Result<Plan, StartError> {
    let (function, image) = (launch.configuration, &launch.image.configuration);
    let (command, working_directory) = program(function, image);
    if command.is_empty() {
        return Err(StartError::NoProgram(function.name.clone()));
    }
    let (credentials, endpoint) = (launch.credentials, launch.endpoint);
    Ok(Plan {
        root: launch.image.root.clone(),
        rie: launch.settings.rie.clone(),
        ca: launch.settings.ca.clone(),
        storage_mb: function.storage_mb,
        invoke_address: invoke.to_string(),
        runtime_address: runtime.to_string(),
        command,
        working_directory,
        variables: variables::variables(
            function,
            image,
            credentials,
            endpoint,
            &launch.settings.elsewhere,
            stream,
        ),
        user: namespaces::function_user(),
    })
}

/// What to run and where: the function's own word, else the image's.
fn program(function: &FunctionConfiguration, image: &ImageConfiguration) -> (Vec<String>, PathBuf) {
    let own = &function.overrides;
    let entry_point = if own.entry_point.is_empty() { &image.entry_point } else { &own.entry_point };
    let command = if own.command.is_empty() { &image.command } else { &own.command };
    let folder =
        [&own.working_directory, &image.working_directory].into_iter().find(|folder| !folder.is_empty());
    let folder = Path::new("/").join(folder.map_or("", String::as_str));
    (entry_point.iter().chain(command).cloned().collect(), folder)
}

/// Two addresses that nobody listens on; held together, so that they differ.
fn free_addresses() -> io::Result<[SocketAddr; 2]> {
    let listen = || TcpListener::bind((Ipv4Addr::LOCALHOST, 0));
    let (one, other) = (listen()?, listen()?);
    Ok([one.local_addr()?, other.local_addr()?])
}
