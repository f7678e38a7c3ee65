import { z } from 'zod';
import { wordSchema } from '../words/word-schema.js';
import { formatReader, hasList, memberAt } from './format-reader.js';

/** Words as whospeaks writes them. */
export const own = formatReader({
  name: 'whospeaks',
  matches: (document) => hasList(document, 'words') && typeof memberAt(document, ['recording']) === 'string',
  schema: z.looseObject({ words: z.array(wordSchema) }),
  phrases: ({ words }) => [{ text: '', words }],
});
