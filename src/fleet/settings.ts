/** Chosen numbers of the fleet. Each says what it trades. */
export const FLEET_SETTINGS = {
  /** Until the first connection; a wrong address is told sooner, a slow network is refused later. */
  connectTimeoutMs: 5000,
  /** Until one answer of NATS; what lasts longer counts as out of reach. It covers the election of a leader. */
  requestTimeoutMs: 5000,
  /** Between two tries to reach a lost node. */
  reconnectWaitMs: 500,
  /** A silent connection is pinged so often, and lost after two pings: how soon a frozen node is noticed. */
  pingIntervalMs: 5000,
  /** A change that was written arrives sooner, or the watch that should bring it is lost. */
  watchWaitMs: 1500,
  /** How often it is checked that the watch lives: as late a change may be seen when the node that had it died. */
  checkMs: 5000,
  /** Tries of one change that others cross. */
  mostTries: 20,
  /** Removed speakers kept of one name, the latest. */
  mostRemoved: 8,
  /** How often what is kept no longer is looked for. */
  retentionMs: 60_000,
  /** How often a server says what it holds; a full one sends clients to others by what it heard so late. */
  publishMs: 2000,
  /** Refused values in a row after which another node is tried: one that is cut off from the others answers, and takes nothing. */
  mostFailures: 2,
  /** A server that said nothing for so long is gone. */
  memberMs: 10_000,
  /** In which a second telling of one event is known as such. It bounds NATS's memory for it. */
  duplicateSeconds: 120,
  /** A client waits at most so long for NATS to take an event: beyond it the event is told without. */
  longestWaitMs: 2000,
  /** Events of one session that wait while NATS is out of reach: some 10 minutes of talk, 1 MB. */
  mostWaitingEvents: 2048,
  /** A piece of a recording, bytes: NATS advises against messages beyond 1 MB, and each costs a round. */
  pieceBytes: 128 * 1024,
  /** Pieces that are on their way at once: 4 MB of memory a recording that moves. */
  piecesAtOnce: 32,
  /** Sound that somehow outlives its recording is gone after this long: longer than results may be kept. */
  soundSeconds: 8 * 24 * 3600,
  /** All records of recordings, some 1 kB each; their sound and results are counted apart. */
  recordBytes: 64 * 1024 * 1024,
  /** How often whoever hears a recording says so, and how far it is. */
  beatMs: 2000,
  /** Whoever said nothing for so long is lost: another hears the recording from its beginning. */
  lostMs: 12_000,
  /** Servers that may be lost over one recording: then the recording is what kills them. */
  mostLost: 3,
  /** How long the mark of a deleted recording is kept; a server that was cut off for longer finds out when it touches it. */
  goneMs: 10 * 60_000,
} as const;
