// Who is speaking at this microphone? With a bundler, import from 'whospeaks/client' instead.
import { connect, openMicrophone } from './client.js';

const speaker = document.querySelector('#speaker');
const turns = document.querySelector('#turns');

document.querySelector('#listen').addEventListener('click', async ({ target }) => {
  target.disabled = true;
  // Where the service is; it must allow the origin of this page. A token, where it asks for one: { url, token }.
  const url = new URLSearchParams(location.search).get('service') ?? location.origin;
  const microphone = await openMicrophone();
  const stream = connect({ url });
  microphone.samples$.subscribe((samples) => stream.send(samples));
  stream.events$.subscribe((event) => {
    if (event.type === 'tentative') speaker.textContent = event.speaker;
    if (event.type === 'silence') speaker.textContent = 'nobody';
    if (event.type === 'final') {
      const item = document.createElement('li');
      item.textContent = event.speaker;
      turns.append(item);
    }
  });
});
