import { FeatureExtractor, Framer, nativeFrontEnd, CrosstalkGate, type FeatureBlock } from 'whospeaks/stages';
import { voicesOf } from '../accuracy/cast.js';
import { makeCall, recorded, type Leak } from './calls.js';

const voices = voicesOf('/work/shared/audio', 'tune').filter(v=>v.utterances.length>=4);
const NUM = Number(process.argv[2] ?? 3);
function feats(x: Float32Array): FeatureBlock[] {
  const framer = new Framer(); const ex = new FeatureExtractor(nativeFrontEnd); const out: FeatureBlock[] = [];
  for (let at = 0; at < x.length; at += 16000) { const b = framer.push({ startSample: at, samples: x.subarray(at, at + 16000) }); if (b) out.push(ex.push(b)); }
  return out;
}
const flagsOf = (bs: FeatureBlock[]) => Uint8Array.from(bs.flatMap(b => [...b.speech]));
const calls = [];
for (let k = 0; k < NUM; k++) calls.push(await makeCall([voices[(2*k)%voices.length]!, voices[(2*k+1)%voices.length]!], 8, 100 + k));
const cases: [string, Leak][] = [['none', {levelDb:null,delayMs:0}]];
for (const levelDb of [-6,-12,-20,-30]) for (const delayMs of [0,5,20]) cases.push([`${levelDb} ${delayMs}`, {levelDb, delayMs}]);
for (const levelDb of [-6,-12,-20]) cases.push([`${levelDb} 5 room`, {levelDb, delayMs:5, inRoom:true}]);
for (const [name, leak] of cases) {
  let leakT=0, leakBefore=0, leakAfter=0, ownT=0, ownBefore=0, ownAfter=0, dtT=0, dtAfter=0, dtBefore=0; let ms=0;
  for (const [k, call] of calls.entries()) {
    const truth = call.own.map(x => flagsOf(feats(x.map((v,i)=>v + 1e-5*(Math.sin(i*12.9898)*43758.5453%1)))));
    const mix = recorded(call, leak, 7 + k);
    const fs = mix.map(feats);
    const before = fs.map(flagsOf);
    const gate = new CrosstalkGate(2); const t0=performance.now();
    const gated: FeatureBlock[][] = [[],[]];
    for (let b=0;b<fs[0]!.length;b++) { const r = gate.push([fs[0]![b]!, fs[1]![b]!]); gated[0]!.push(r[0]!); gated[1]!.push(r[1]!); }
    ms += (performance.now()-t0)/(mix[0]!.length/16000);
    const after = gated.map(flagsOf);
    for (const j of [0,1]) for (let f=0; f<truth[0]!.length; f++) {
      const own = truth[j]![f]!, other = truth[1-j]![f]!;
      const B = before[j]![f]!, A = after[j]![f]!;
      if (own === 0 && other !== 0 && other !== 2) { leakT++; leakBefore += +(B!==0); leakAfter += +(A!==0); }
      if (own === 1 || own === 3) { ownT++; ownBefore += +(B!==0); ownAfter += +(A!==0);
        if (other===1||other===3) { dtT++; dtAfter += +(A!==0); dtBefore += +(B!==0);} }
    }
  }
  const p=(a:number,b:number)=>(100*a/b).toFixed(1).padStart(6);
  console.log(name.padEnd(12), 'leak on wrong: before', p(leakBefore,leakT), 'after', p(leakAfter,leakT), ' own lost before', p(ownT-ownBefore,ownT), 'after', p(ownT-ownAfter,ownT), ' dt lost', p(dtT-dtBefore,dtT), p(dtT-dtAfter,dtT), ` dt s ${(dtT/100).toFixed(0)} ms/s ${(ms/calls.length).toFixed(1)}`);
}
