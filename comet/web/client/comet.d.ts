/** A message of a channel: pushed to it, or broadcast to all. */
export interface Message {
  type: 'data' | 'broadcast';
  cname: string;
  /** Its number in the channel; the first is 1. */
  seq: number;
  content: string;
}

export type Transport = 'ws' | 'sse' | 'stream' | 'poll';

/**
 * `connecting`: on the way; `open`: listening; `waiting`: lost, and will try again by itself;
 * `closed`: closed by the page, or no channel is left.
 */
export type State = 'connecting' | 'open' | 'waiting' | 'closed';

/** The number of the first message that is wanted, alone or with a token. 0 or none: from now on. */
export type From = number | {seq?: number; token?: string};

export interface Options {
  /** One, several, or several with where each begins. */
  channels?: string | string[] | Record<string, From>;
  /** What `/sign` returned; or a function that gets one, called at first and after each 401. */
  token?: string | ((channel: string) => string | Promise<string>);
  onmessage?: (message: Message) => void;
  onstate?: (state: State, transport: Transport) => void;
  /**
   * Messages `from` to `to` were missed: the server does not keep them any more. `to` is null when the
   * server forgot the channel and counts from 1 again, so that nobody knows how many there were.
   */
  ongap?: (channel: string, from: number, to: number | null) => void;
  /**
   * The channel is not listened to any more: `close`, `401`, or why it could not be added. `next` is the
   * number to go on with, none where the name is not valid.
   */
  onclose?: (channel: string, reason: string, next?: number) => void;
  /** Which to try, in this order. All of them by default, the best first. */
  transports?: Transport[];
}

export class Comet {
  /** `url` is that of the front port, or of the path where a proxy has it; a query is kept. */
  constructor(url: string, options: Options);
  readonly state: State;
  readonly transport: Transport;
  subscribe(channel: string, from?: From): void;
  unsubscribe(channel: string): void;
  /** The number that is wanted next, 0 before it is known. */
  next(channel: string): number | undefined;
  close(): void;
}

export interface IcometConfig {
  channel: string;
  /** Ends in /sub or /poll. */
  subUrl?: string;
  sub_url?: string;
  /** Answers JSONP as /sign does; none where no token is needed. */
  signUrl?: string;
  sign_url?: string;
  /** Of an application of yours; JSONP when it contains `cb=?`, else JSON. */
  pubUrl?: string;
  pub_url?: string;
  callback?: (content: string, type: 'data' | 'broadcast') => void;
  sub_callback?: (content: string, type: 'data' | 'broadcast') => void;
}

/** What iComet's own script offers to pages. */
export class iComet {
  constructor(config: IcometConfig);
  readonly cname: string;
  readonly stopped: boolean;
  start(): void;
  stop(): void;
  pub(content: string, callback?: (answer: unknown) => void): void | false;
}
