import type { PeerForm, Prompt, State } from './state.ts';
import type { Step } from './step.ts';

/** Characters that a line takes: longer ones would be cut by the kernel or by nobody. */
const LONGEST = 1_000;
const ROLES = ['any', 'control-plane', 'worker', 'etcd'] as const;

/** A key while something is being asked: letters are letters then. */
export function promptKey(state: State, prompt: Prompt, key: string): Step {
  switch (prompt.kind) {
    case 'filter':
      if (key === 'enter') return [{ ...state, prompt: null }];
      if (key === 'escape') return [{ ...state, prompt: null, filter: prompt.before }];
      return [{ ...state, filter: edited(state.filter, key) }];
    case 'save':
      if (key === 'escape') return [{ ...state, prompt: null }];
      if (key !== 'enter') return [{ ...state, prompt: { ...prompt, path: edited(prompt.path, key) } }];
      return prompt.path.trim() === ''
        ? [state]
        : [
            { ...state, prompt: null },
            { do: 'write', path: prompt.path.trim(), what: prompt.what },
          ];
    case 'confirm':
      if (key === 'y' || key === 'Y')
        return [
          { ...state, prompt: null },
          { do: 'run', only: [prompt.check] },
        ];
      return ['n', 'N', 'escape', 'enter', 'q'].includes(key) ? [{ ...state, prompt: null }] : [state];
    case 'peer':
      return peerKey(state, prompt, key);
  }
}

/** Into the line that is being written; what is pasted has no line breaks there. */
export function promptPaste(state: State, prompt: Prompt, pasted: string): State {
  const text = pasted.replaceAll(/\p{Cc}/gu, '');
  switch (prompt.kind) {
    case 'filter':
      return { ...state, filter: (state.filter + text).slice(0, LONGEST) };
    case 'save':
      return { ...state, prompt: { ...prompt, path: (prompt.path + text).slice(0, LONGEST) } };
    case 'confirm':
      return state;
    case 'peer':
      return prompt.busy
        ? state
        : { ...state, prompt: withField(prompt, (line) => (line + text.trim()).slice(0, LONGEST)) };
  }
}

function peerKey(state: State, form: PeerForm, key: string): Step {
  if (key === 'escape') return [{ ...state, prompt: null }];
  if (form.busy) return [state];
  switch (key) {
    case 'tab':
    case 'down':
      return [{ ...state, prompt: { ...form, field: neighbour(form, 1) } }];
    case 'shift-tab':
    case 'up':
      return [{ ...state, prompt: { ...form, field: neighbour(form, -1) } }];
    case 'left':
    case 'right': {
      if (form.field !== 'role') return [state];
      const by = key === 'right' ? 1 : ROLES.length - 1;
      return [{ ...state, prompt: { ...form, role: ROLES[(ROLES.indexOf(form.role) + by) % ROLES.length] ?? 'any' } }];
    }
    case 'ctrl-y':
      return [state, { do: 'copy', text: state.given.peerLine }];
    case 'enter':
      return submitted(state, form);
    default:
      return [{ ...state, prompt: withField(form, (line) => edited(line, key)) }];
  }
}

function submitted(state: State, form: PeerForm): Step {
  if (form.address === '') return [{ ...state, prompt: { ...form, field: 'address' } }];
  if (form.token === '') return [{ ...state, prompt: { ...form, field: 'token' } }];
  const name = form.role === 'any' || form.address.includes('@') ? form.address : `${form.role}@${form.address}`;
  return [
    { ...state, prompt: { ...form, busy: true } },
    { do: 'addPeer', name, token: form.token },
  ];
}

function withField(form: PeerForm, change: (line: string) => string): PeerForm {
  if (form.field === 'address') return { ...form, address: change(form.address) };
  return form.field === 'token' && form.token !== null ? { ...form, token: change(form.token) } : form;
}

function neighbour({ field, token }: PeerForm, by: 1 | -1): PeerForm['field'] {
  const fields: readonly PeerForm['field'][] = token === null ? ['role', 'address'] : ['role', 'address', 'token'];
  return fields[(fields.indexOf(field) + by + fields.length) % fields.length] ?? 'address';
}

function edited(line: string, key: string): string {
  if (key === 'backspace') return Array.from(line).slice(0, -1).join('');
  if (key === 'ctrl-u') return '';
  if (key === 'ctrl-w') return line.replace(/\S+\s*$/u, '');
  return Array.from(key).length === 1 ? (line + key).slice(0, LONGEST) : line;
}
