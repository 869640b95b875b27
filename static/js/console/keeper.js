// The page's side of answer-worker.js: one question, one promise.
export class Keeper {
  constructor(address) {
    this.waiting = new Map();
    this.number = 0;
    this.worker = new Worker(address, { type: "module" });
    this.worker.addEventListener("message", ({ data }) => {
      const { done, failed } = this.waiting.get(data.id);
      this.waiting.delete(data.id);
      if (data.error) failed(new Error(data.error));
      else done(data.result);
    });
  }

  ask(deed, more = {}) {
    return new Promise((done, failed) => {
      this.waiting.set(++this.number, { done, failed });
      this.worker.postMessage({ id: this.number, deed, ...more });
    });
  }
}
