import { showPage } from './page.js';
import { ServerService } from './server-service.js';

await showPage(new ServerService());
