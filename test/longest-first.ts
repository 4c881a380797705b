import path from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files of more than twenty seconds: started last, one of them would leave the other cores without work. */
const longest = ['test/bin/otp.test.ts'];

/** Vitest's own order, by project, but for the files that take longest. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isLongest = ({ moduleId }: TestSpecification): boolean =>
      longest.includes(path.relative(this.ctx.config.root, moduleId));
    return [...sorted.filter(isLongest), ...sorted.filter((file) => !isLongest(file))];
  }
}
