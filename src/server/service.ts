import { performance } from 'node:perf_hooks';
import type { Logger } from 'pino';
import { identify } from '../identify.js';
import { CLOSE } from '../protocol/index.js';
import type { EnrollModel } from '../speakers/index.js';
import { defaultDataFolder } from '../speakers/store/default-folder.js';
import { Gatekeeper } from './access/gatekeeper.js';
import { RefusalLog } from './access/refusal-log.js';
import { groupsOf, Reloader, signOfFile, watchTokensFile } from './reload.js';
import { TokenBook } from './access/tokens.js';
import { awakeClock } from './awake-clock.js';
import { auditLog } from './audit.js';
import { overloadOf, processCpuMs } from './capacity.js';
import { makeLogger, startLevel } from './logger.js';
import { Places } from './places.js';
import type { ServerConfig, ServerConfigInput } from './config.js';
import { configuredModel } from './configured-model.js';
import { apiDocuments } from './documents/index.js';
import { faultOf } from './fault.js';
import { FleetMember } from './fleet-member.js';
import { FleetSessions } from './fleet-sessions.js';
import { HttpApp } from './http/http-app.js';
import { asksForWebSocket, IgnoredUpgrades } from './http/ignored-upgrade.js';
import { recordingHandlers } from './http/recording-handlers.js';
import { comparisonHandlers } from './http/comparison-handlers.js';
import { speakerHandlers } from './http/speaker-handlers.js';
import { HearingTurns } from './hearing-turns.js';
import { defaultWebFolder, StaticFiles } from './http/static-files.js';
import { sweepRecordings } from './http/sweep-recordings.js';
import { decodeInBackground } from '../stream/file/process/decoder.js';
import { checkConfig, isOpen, tokensOf } from './load-config.js';
import { ServerMetrics } from './metrics.js';
import type { CheckedHello } from './messages.js';
import { SharedNetwork } from './network.js';
import { configuredRecordings } from './recordings/configured-recordings.js';
import { RecordingQueue } from './recordings/recording-queue.js';
import type { Recordings } from './recordings/recordings.js';
import { SessionRegistry, type MakeSession } from './session/registry.js';
import { Session } from './session/session.js';
import type { Service, ServiceParts } from './service-parts.js';
import { AudioCounts, observeDelay } from './session-metrics.js';
import { SocketServer } from './sockets/socket-server.js';
import { streamRoute } from './sockets/stream-route.js';
import { tellClosed } from './sockets/tell-closed.js';
import { GroupDirectory } from './speakers/group-directory.js';
import { Telephony } from './telephony/telephony.js';
import { until } from './until.js';

const TICK_MS = 100;
/** A tick that comes later than this was held up, with everything that clients sent meanwhile. */
const MAX_STEP_MS = 5 * TICK_MS;
const KEPT_EVENTS = 4096;
/** Events of turns have some 400 characters each; those of words may have many more. */
const KEPT_CHARACTERS = 4 * 1024 * 1024;
const SEND_BUFFER_BYTES = 1024 * 1024;
/** How long streams that the server ended have for their last windows, and requests for their answers, ms. */
const FLUSH_MS = 5000;

/**
 * Make the service. Rejects with `server-config` where the configuration is not safe, and with what the model rejects
 * with.
 * @param config settings as in a configuration file, docs/server.md; every one has a default
 */
export async function createService(
  config: ServerConfigInput = {},
  parts: ServiceParts = {},
): Promise<Service> {
  const checked = checkConfig(config);
  const logger = parts.logger ?? makeLogger(checked);
  const own = parts.model === undefined ? await configuredModel(checked) : undefined;
  try {
    return await start(checked, parts, logger, parts.model ?? own!, () => own?.close());
  } catch (error) {
    own?.close();
    throw error;
  }
}

function neverAsked(): never {
  throw new Error('nobody subscribed');
}

async function start(
  config: ServerConfig,
  parts: ServiceParts,
  logger: Logger,
  model: EnrollModel,
  closeModel: () => void,
): Promise<Service> {
  const realMs = parts.nowMs ?? (() => performance.now());
  const nowMs = awakeClock(realMs, MAX_STEP_MS);
  const metrics = new ServerMetrics();
  const tokensSign = signOfFile(config.tokensFile);
  const tokens = new TokenBook(tokensOf(config), { isOpen: isOpen(config) });
  const audit = auditLog(logger, config.auditNames);
  const network = new SharedNetwork(
    model,
    {
      onWindow: (seconds) => {
        metrics.embedSeconds.observe(seconds);
      },
      onBatch: (windows) => {
        metrics.batchSize.observe(windows);
      },
    },
    nowMs,
  );
  const fleet = await FleetMember.open({ config, metrics, logger, nowMs: realMs });
  const groups = await GroupDirectory.load(groupsOf(tokens), network.forStream(false).model, {
    ...config,
    dataFolder: config.dataFolder ?? defaultDataFolder(),
    store: parts.store ?? fleet?.store,
    onChange: (group) => {
      for (const session of sessions.ofGroup(group)) session.updateSpeakers();
    },
    onWarning: (group, { message, ...fields }) => {
      logger.warn({ group, ...fields }, message);
    },
  }).catch(async (error: unknown) => {
    await fleet?.close();
    throw error;
  });
  metrics.observeSpeakers(() => groups.all());
  const audio = new AudioCounts(metrics);
  const capacity = await Places.measure(config, model, { nowMs: realMs, cpuMs: processCpuMs }, logger);

  const latencyOf = (hello: CheckedHello): number => hello.latencySeconds ?? config.latencySeconds;
  const moving = fleet?.sessions({
    model: model.fingerprint,
    speakers: (group) => groups.get(group).usable(),
    assertResumes: (resume, hello) => {
      // Looked at when it is called; no source is ever asked for.
      identify(neverAsked, { model, latencySeconds: latencyOf(hello), resume });
    },
  });
  const makeSession: MakeSession = (id, principal, hello, atMs, resumeHash, taken) => {
    const { group } = principal;
    const speakers = groups.get(group);
    const kept = speakers.ofStream(principal.tokenId);
    const stream = network.forStream(hello.live);
    const named = { session: id, token: principal.tokenId, group };
    const onTaken = (): void => {
      logger.warn(named, 'another server has this session now');
      moving?.letGo(group, id);
      session.leave(nowMs());
      sessions.remove(session);
    };
    const told = fleet?.eventsOf(group, id, onTaken, taken?.told);
    const continuity = FleetSessions.isMovable(hello)
      ? moving?.continuityOf(id, principal, hello, resumeHash, taken, onTaken)
      : undefined;
    const session: Session = new Session(
      {
        id,
        format: hello,
        words: hello.words,
        limits: {
          ...config,
          maxEvents: KEPT_EVENTS,
          maxEventCharacters: KEPT_CHARACTERS,
          maxSendBufferBytes: SEND_BUFFER_BYTES,
        },
        continuity,
        identify: (source, commands, onProfile, pipe) =>
          identify(source, {
            model: stream.model,
            speakers: speakers.usable(),
            commands,
            onProfile,
            latencySeconds: latencyOf(hello),
            ...pipe,
          }),
        networkWaitSeconds: stream.waitSeconds,
        speakers: () => speakers.usable(),
        save: async (event) => {
          const stored = await kept.keep(event);
          const { how, speaker } = event;
          audit(principal, { action: how === 'enrolled' ? 'named' : 'learnt', speaker });
          return stored;
        },
        improve: (better) => {
          kept.improve(better).catch((error: unknown) => {
            logger.warn(
              { ...named, err: faultOf(error) },
              'more was heard of a named voice, and was not stored',
            );
          });
        },
        tellBefore: told && ((event, text) => told.tell(event, text)),
        onEvent: (event) => {
          metrics.events.inc({ group, type: event.type });
          if (hello.live) observeDelay(metrics, group, session, event);
        },
        onFault: (error) => {
          logger.error({ err: faultOf(error), session: id }, 'a stream failed');
        },
        onClosed: (outcome) => {
          if (told !== undefined) fleet?.release(told);
          const seconds = Number(session.receivedSeconds.toFixed(1));
          logger.info({ ...named, outcome, seconds }, 'stream closed');
        },
        onGone: () => moving?.forget(group, id),
      },
      atMs,
    );
    logger.info({ ...named, live: hello.live }, 'stream opened');
    return session;
  };
  const sessions = new SessionRegistry(
    {
      get maxStreams() {
        return capacity.streams;
      },
      maxStreamsPerToken: config.maxStreamsPerToken,
      get isShared() {
        return tokens.isShared;
      },
    },
    makeSession,
    () => (config.refuseWhenBehind ? overloadOf(network) : null),
  );
  metrics.observe(sessions, {
    get outstanding() {
      return network.outstanding;
    },
    get liveWaitSeconds() {
      return network.liveWaitSeconds;
    },
    get maxStreams() {
      return capacity.streams;
    },
  });

  const gatekeeper = new Gatekeeper({ ...config, tokens });
  const refusals = new RefusalLog(logger, nowMs);
  const telephony = new Telephony({ config, gatekeeper, sessions, metrics, logger, refusals, nowMs });
  const routes = [
    streamRoute({
      gatekeeper,
      registry: sessions,
      settings: {
        ...config,
        defaultLatencySeconds: config.latencySeconds,
        model: { name: model.name, fingerprint: model.fingerprint },
        elsewhere: fleet?.elsewhere,
      },
      refuseUpgrade: fleet?.refuseUpgrade,
      takeUp: moving && ((principal, hello, resume) => moving.takeUp(sessions, principal, hello, resume)),
      onClosed: (...closed) => {
        tellClosed({ metrics, logger }, ...closed);
      },
    }),
    ...telephony.routes,
  ];
  const sockets = new SocketServer({ config, routes, gatekeeper, metrics, logger, refusals, nowMs });
  const closing = new AbortController();
  const recordingParts = configuredRecordings(config, groups, logger);
  const recordings: Recordings =
    fleet?.recordings(recordingParts, (group) => groups.has(group)) ?? new RecordingQueue(recordingParts);
  const hearing = {
    ...config,
    hearing: new HearingTurns(),
    group: (name: string) => groups.get(name),
    closing: closing.signal,
  };
  const app = new HttpApp({
    gatekeeper,
    metrics,
    logger,
    refusals,
    basePath: config.basePath,
    socketPaths: routes.map(({ path }) => path),
    files: new StaticFiles(parts.webFolder ?? defaultWebFolder()),
    handlers: {
      ...speakerHandlers({ ...hearing, sessions, audit }),
      ...comparisonHandlers({ ...hearing, model }),
      ...recordingHandlers({ ...config, group: (name) => groups.get(name), audit, queue: recordings }),
      ...telephony.handlers,
    },
    documents: apiDocuments(config.basePath),
    notReady: () => (sessions.isDraining ? 'shutting down' : null),
    fleetState: fleet === null ? undefined : () => fleet.state(),
    unusableSpeakers: () => groups.all().flatMap((group) => group.unusable()),
    nowMs,
  });

  const onRequest: Service['onRequest'] = (request, response) => void app.handle(request, response);
  const ignored = new IgnoredUpgrades(onRequest);

  const timer = setInterval(() => {
    const atMs = nowMs();
    sockets.tick(atMs);
    sessions.expel((principal) => gatekeeper.mayStay(principal));
    sessions.tick(atMs);
    telephony.tick(atMs);
    fleet?.tick();
    for (const group of sessions.groups()) {
      for (const session of sessions.ofGroup(group)) audio.count(group, session);
    }
    capacity.look(audio.workSeconds);
  }, TICK_MS);

  await fleet?.join(() => ({
    streams: sessions.running,
    connected: sessions.connected,
    maxStreams: capacity.streams,
    isDraining: sessions.isDraining,
    model: model.fingerprint,
  }));
  decodeInBackground();
  void sweepRecordings().then((folders) => {
    if (folders > 0) logger.info({ folders }, 'recordings that an earlier version left behind were deleted');
  });
  const { name } = model;
  logger[startLevel(config.logFormat)](
    { model: name, maxStreams: capacity.streams, tokens: tokens.size },
    'ready',
  );

  const reloader = new Reloader(config, {
    tokens,
    groups,
    gatekeeper,
    logger,
    setLogLevel: (level) => {
      if (parts.logger === undefined) logger.level = level;
    },
  });
  const stopWatching = watchTokensFile(
    () => reloader.tokensFile,
    tokensSign,
    () => void reloader.reloadTokens(),
  );

  let isClosed = false;
  const close = (): void => {
    if (isClosed) return;
    isClosed = true;
    clearInterval(timer);
    stopWatching();
    groups.close();
    closing.abort();
    recordings.close();
    sessions.drain();
    telephony.close();
    // Their clients may go on with them elsewhere.
    moving?.letGoOfAll();
    sessions.close();
    sockets.close();
    ignored.close();
    void recordings.drain().then(() => fleet?.close());
    closeModel();
  };
  /** Sessions that another server can go on with do not wait for their end. */
  const handOver = async (to: FleetSessions): Promise<void> => {
    const able = sessions.all().filter(({ canMove }) => canMove);
    await Promise.all(
      able.map(async (session) => {
        await session.handOver(FLUSH_MS, nowMs());
        to.letGoOf(session.id);
        sessions.remove(session);
      }),
    );
  };
  let draining: Promise<void> | null = null;
  const drain = (): Promise<void> =>
    (draining ??= (async () => {
      logger.info({ streams: sessions.running, seconds: config.drainSeconds }, 'draining');
      sessions.drain();
      await Promise.all([fleet?.publish(), recordings.drain()]);
      if (moving !== undefined) await handOver(moving);
      for (const session of sessions.all())
        session.send({ type: 'drain', deadlineSeconds: config.drainSeconds });
      await until(() => sessions.running === 0, config.drainSeconds * 1000, nowMs);
      for (const session of sessions.all()) session.finish(CLOSE.restart);
      const isIdle = (): boolean =>
        sessions.running === 0 &&
        app.running === 0 &&
        telephony.isIdle &&
        groups.all().every((group) => !group.isWriting);
      await until(isIdle, FLUSH_MS, nowMs);
      // Recordings that are still being read get their refusal while there is somebody to tell it.
      closing.abort();
      // What was sent goes out before the sockets are destroyed.
      await until(() => sockets.openSockets === 0, 1000, nowMs);
    })());

  return {
    config,
    get maxStreams() {
      return capacity.streams;
    },
    sessions,
    metrics,
    logger,
    reload: (settings) => reloader.reload(settings),
    onRequest,
    onUpgrade: (request, socket, head) => {
      if (asksForWebSocket(request)) sockets.upgrade(request, socket, head);
      else ignored.answer(request, socket, head);
    },
    drain,
    close,
  };
}
