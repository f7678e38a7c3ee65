import { assetsIn } from '../browser/assets.js';
import { LocalService } from '../browser/service/local-service.js';
import { byId } from './dom.js';
import { showPage } from './page.js';

/** The page without a server: everything lies beside it. */
const hint = byId('whole-hint', HTMLParagraphElement);
hint.append(' It stays in this browser, as everything here does.');
// In an insecure page it is absent, whatever its type says.
const workers = (navigator as Partial<Navigator>).serviceWorker;
(workers?.register('offline.js') ?? Promise.reject(new Error('no service workers'))).catch(() => {
  hint.append(' This browser does not keep the page for use without a network.');
});
await showPage(new LocalService({ assets: assetsIn('.') }));
