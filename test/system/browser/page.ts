/** The program of the tests' page: puts the library where `page.evaluate` finds it. */
import { lastValueFrom, toArray } from 'rxjs';
import * as whospeaks from 'whospeaks/browser';

Object.assign(globalThis, { whospeaks, rxjs: { lastValueFrom, toArray } });
