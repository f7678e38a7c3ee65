import { Counter, Gauge, Histogram, Registry, type MetricValue } from 'prom-client';
import { SAMPLE_RATE_HZ } from '../stream/index.js';
import type { StreamList, StreamState } from './stream-list.js';

/** What is counted and measured. Whatever has a `group` label is that group's business alone. */
export class ServerMetrics {
  readonly registry = new Registry();
  readonly events: Counter<'group' | 'type'>;
  readonly closes: Counter<'group' | 'code'>;
  readonly refusals: Counter<'code'>;
  readonly requests: Counter<'method' | 'status'>;
  readonly audioSeconds: Counter<'group'>;
  readonly droppedSeconds: Counter<'group'>;
  readonly untoldCallMessages: Counter<'group'>;
  readonly eventDelay: Histogram<'group'>;
  readonly embedSeconds: Histogram;
  readonly batchSize: Histogram;

  constructor() {
    const registers = [this.registry];
    this.events = new Counter({
      name: 'whospeaks_events_total',
      help: 'Events told, by type.',
      labelNames: ['group', 'type'],
      registers,
    });
    this.closes = new Counter({
      name: 'whospeaks_connections_closed_total',
      help: 'WebSockets closed by the server, by code.',
      labelNames: ['group', 'code'],
      registers,
    });
    this.refusals = new Counter({
      name: 'whospeaks_refusals_total',
      help: 'Requests and upgrades refused before they had a group, by error code.',
      labelNames: ['code'],
      registers,
    });
    this.requests = new Counter({
      name: 'whospeaks_http_requests_total',
      help: 'HTTP requests answered, by method and status.',
      labelNames: ['method', 'status'],
      registers,
    });
    this.audioSeconds = new Counter({
      name: 'whospeaks_audio_seconds_total',
      help: 'Audio that came in, seconds; what a client skipped is not in it.',
      labelNames: ['group'],
      registers,
    });
    this.droppedSeconds = new Counter({
      name: 'whospeaks_dropped_audio_seconds_total',
      help: 'Audio of live streams that was dropped because the server was behind, seconds.',
      labelNames: ['group'],
      registers,
    });
    this.untoldCallMessages = new Counter({
      name: 'whospeaks_untold_call_messages_total',
      help: 'Messages of telephone calls that their webhook did not take and that were given up.',
      labelNames: ['group'],
      registers,
    });
    this.eventDelay = new Histogram({
      name: 'whospeaks_event_delay_seconds',
      help: 'Audio that had come in beyond the position that a live event was decided at, seconds.',
      labelNames: ['group'],
      buckets: [0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 2, 5, 10],
      registers,
    });
    this.embedSeconds = new Histogram({
      name: 'whospeaks_embed_seconds',
      help: 'Time from asking the network for a window to its answer.',
      buckets: [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5],
      registers,
    });
    this.batchSize = new Histogram({
      name: 'whospeaks_batch_windows',
      help: 'Windows that came back from the network together.',
      buckets: [1, 2, 3, 4, 6, 8, 12, 16],
      registers,
    });
  }

  /** Read these whenever somebody asks. */
  observe(
    sessions: StreamList,
    network: {
      readonly outstanding: number;
      readonly liveWaitSeconds: number;
      readonly maxStreams: number;
    },
  ): void {
    const registers = [this.registry];
    const byGroup = (name: string, help: string, value: (group: string) => number): void => {
      new Gauge({
        name,
        help,
        labelNames: ['group'],
        registers,
        collect() {
          this.reset();
          for (const group of sessions.groups()) this.set({ group }, value(group));
        },
      });
    };
    const running = (group: string): readonly StreamState[] =>
      sessions.ofGroup(group).filter(({ takesPlace }) => takesPlace);
    const most = (values: number[]): number => values.reduce((a, b) => Math.max(a, b), 0);
    const sum = (values: number[]): number => values.reduce((a, b) => a + b, 0);
    byGroup('whospeaks_streams', 'Streams that run.', (group) => running(group).length);
    byGroup(
      'whospeaks_streams_detached',
      'Streams that wait for their client to come back.',
      (group) => running(group).filter(({ isConnected }) => !isConnected).length,
    );
    byGroup('whospeaks_lag_seconds', 'How far the live stream that is furthest behind is behind.', (group) =>
      most(
        running(group)
          .filter(({ live }) => live)
          .map(({ behindSeconds }) => behindSeconds),
      ),
    );
    byGroup('whospeaks_queued_audio_seconds', 'Audio that waits to be processed.', (group) =>
      sum(running(group).map(({ queuedSamples }) => queuedSamples / SAMPLE_RATE_HZ)),
    );
    byGroup('whospeaks_kept_events', 'Events that were not received yet.', (group) =>
      sum(sessions.ofGroup(group).map(({ keptEvents }) => keptEvents)),
    );
    new Gauge({
      name: 'whospeaks_network_windows',
      help: 'Windows that wait for the network or run in it.',
      registers,
      collect() {
        this.set(network.outstanding);
      },
    });
    new Gauge({
      name: 'whospeaks_network_wait_seconds',
      help: 'How long the oldest window of a live stream has been waiting for the network.',
      registers,
      collect() {
        this.set(network.liveWaitSeconds);
      },
    });
    new Gauge({
      name: 'whospeaks_max_streams',
      help: 'Streams that the server takes.',
      registers,
      collect() {
        this.set(network.maxStreams);
      },
    });
    new Gauge({
      name: 'process_resident_memory_bytes',
      help: 'Resident memory.',
      registers,
      collect() {
        this.set(process.memoryUsage.rss());
      },
    });
  }

  /** Read these whenever somebody asks. */
  observeSpeakers(groups: () => Iterable<{ readonly name: string; unusable(): readonly unknown[] }>): void {
    new Gauge({
      name: 'whospeaks_unusable_speakers',
      help: 'Stored speakers that the model in use cannot name, for another model enrolled them.',
      labelNames: ['group'],
      registers: [this.registry],
      collect() {
        this.reset();
        for (const group of groups()) this.set({ group: group.name }, group.unusable().length);
      },
    });
  }

  /** Prometheus text: everything for an operator, else what is the group's own. */
  async text(group: string | null): Promise<string> {
    if (group === null) return this.registry.metrics();
    const own: string[] = [];
    for (const metric of await this.registry.getMetricsAsJSON()) {
      const values = metric.values.filter(({ labels }) => labels.group === group);
      if (values.length === 0) continue;
      own.push(`# HELP ${metric.name} ${metric.help}`, `# TYPE ${metric.name} ${String(metric.type)}`);
      for (const value of values) own.push(line(metric.name, value));
    }
    return `${own.join('\n')}\n`;
  }
}

function line(
  name: string,
  { metricName, labels, value }: MetricValue<string> & { metricName?: string },
): string {
  const inside = Object.entries(labels)
    .map(([key, text]) => `${key}="${String(text).replace(/[\\"\n]/g, '_')}"`)
    .join(',');
  return `${metricName ?? name}{${inside}} ${value}`;
}
