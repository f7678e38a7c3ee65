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
  /** Tries of one change that others cross. */
  mostTries: 20,
  /** Removed speakers kept of one name, the latest. */
  mostRemoved: 8,
  /** How often what is kept no longer is looked for. */
  retentionMs: 60_000,
} as const;
