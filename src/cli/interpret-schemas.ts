import * as z from 'zod';

// Most documents of a run are read once: compiling a parser for each costs more than it saves. It holds for schemas that are made after this was imported.
z.config({ jitless: true });
