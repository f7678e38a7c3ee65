/** Version of the protocol that this build speaks: the number in the hello, and in the subprotocol's name. */
export const PROTOCOL_VERSION = 1;
/** WebSocket subprotocol that a client offers and the server picks. */
export const SUBPROTOCOL = 'whospeaks.v1';
/** A browser, which can set no header on a WebSocket, offers this prefix and its ticket as a second subprotocol. */
export const TICKET_SUBPROTOCOL_PREFIX = 'whospeaks.ticket.';
/** Where the WebSocket is. */
export const STREAM_PATH = '/v1/stream';
