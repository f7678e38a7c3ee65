import { assetsIn } from '../browser/assets.js';
import { LocalService } from '../browser/service/local-service.js';
import { byId } from './dom.js';
import { showPage } from './page.js';

/** The page without a server: everything lies beside it. */
try {
  await navigator.serviceWorker.register('offline.js');
} catch (error) {
  // Without it the page works as long as its site is in reach.
  console.info('whospeaks is not kept for use without a network:', error);
}
byId('whole-hint', HTMLParagraphElement).append(' It stays in this browser, as everything here does.');
await showPage(new LocalService({ assets: assetsIn('.') }));
