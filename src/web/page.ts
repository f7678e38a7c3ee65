import { connect } from '../client/index.js';

export { connect };
