import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { isPublicUrl } from '../../lambdas/webhooks/host.ts';
import { isPublicIp } from '../../lambdas/webhooks/public-ip.ts';
import { type Names, publicReach } from '../../lambdas/webhooks/wire/reach.ts';

describe('an IP', () => {
  test.each(['8.8.8.8', '52.94.236.248', '1.1.1.1', '172.15.255.255', '172.32.0.0', '100.63.255.255', '100.128.0.0'])(
    'the address %s is public',
    (ip) => {
      expect(isPublicIp(ip)).toBe(true);
    },
  );

  test.each(['2606:4700:4700::1111', '2a05:d018::1', '2001:4860:4860::8888'])('the address %s is public', (ip) => {
    expect(isPublicIp(ip)).toBe(true);
  });

  test.each([
    ['this host', '0.0.0.0'],
    ['this network', '0.1.2.3'],
    ['loopback', '127.0.0.1'],
    ['loopback of another number', '127.255.255.254'],
    ['a private network (10/8)', '10.0.0.1'],
    ['a private network (172.16/12)', '172.31.255.255'],
    ['a private network (192.168/16)', '192.168.0.1'],
    ['a carrier-grade NAT', '100.64.0.1'],
    ['the end of a carrier-grade NAT', '100.127.255.255'],
    ['the metadata of EC2', '169.254.169.254'],
    ['the credentials of ECS', '169.254.170.2'],
    ['the Lambda runtime', '169.254.100.1'],
    ['protocol assignments', '192.0.0.170'],
    ['documentation (192.0.2/24)', '192.0.2.1'],
    ['documentation (198.51.100/24)', '198.51.100.1'],
    ['documentation (203.0.113/24)', '203.0.113.1'],
    ['a relay of 6to4', '192.88.99.1'],
    ['AS112', '192.175.48.1'],
    ['AMT', '192.52.193.1'],
    ['benchmarks', '198.18.0.1'],
    ['the end of benchmarks', '198.19.255.255'],
    ['multicast', '224.0.0.1'],
    ['reserved (240/4)', '240.0.0.1'],
    ['broadcast', '255.255.255.255'],
  ])('%s is not public: %s', (_, ip) => {
    expect(isPublicIp(ip)).toBe(false);
  });

  test.each([
    ['unspecified', '::'],
    ['loopback', '::1'],
    ['an IPv4 that is mapped', '::ffff:8.8.8.8'],
    ['a private IPv4 that is mapped', '::ffff:10.0.0.1'],
    ['a private IPv4 that is mapped, in hexadecimal', '::ffff:a00:1'],
    ['an IPv4 that is compatible', '::127.0.0.1'],
    ['an IPv4 that is translated (RFC 6145)', '::ffff:0:10.0.0.1'],
    ['NAT64', '64:ff9b::a00:1'],
    ['NAT64 of a public IPv4', '64:ff9b::808:808'],
    ['NAT64 of a network', '64:ff9b:1::1'],
    ['6to4', '2002:a00:1::'],
    ['Teredo', '2001::1'],
    ['ORCHID', '2001:20::1'],
    ['benchmarks', '2001:2::1'],
    ['documentation', '2001:db8::1'],
    ['documentation (RFC 9637)', '3fff::1'],
    ['segment routing', '5f00::1'],
    ['discard', '100::1'],
    ['unique local', 'fc00::1'],
    ['the metadata of EC2', 'fd00:ec2::254'],
    ['link-local', 'fe80::1'],
    ['link-local with a zone', 'fe80::1%eth0'],
    ['site-local', 'fec0::1'],
    ['multicast', 'ff02::1'],
    ['of no registry', '4000::1'],
    ['of no registry, high', 'e000::1'],
  ])('IPv6 %s is not public: %s', (_, ip) => {
    expect(isPublicIp(ip)).toBe(false);
  });

  test.each([
    '',
    'localhost',
    '127.1',
    '0x7f000001',
    '017700000001',
    '2130706433',
    '8.8.8.8.',
    '8.8.8',
    '8.8.8.08',
    'x',
  ])('the text %j is not public', (text) => {
    expect(isPublicIp(text)).toBe(false);
  });

  test('no IPv4 that stands in an IPv6 of any form makes it public', () => {
    const forms = ['::', '::ffff:', '::ffff:0:', '64:ff9b::', '64:ff9b:1::'];
    fc.assert(
      fc.property(fc.constantFrom(...forms), fc.ipV4(), (form, ip) => {
        expect(isPublicIp(`${form}${ip}`)).toBe(false);
      }),
    );
  });
});

describe('a URL', () => {
  test.each([
    'https://hooks.example.com/otp',
    'https://EXAMPLE.com',
    'https://a.b.co:443/x?y=z',
    'https://bücher.example/',
  ])('%s may be called', (url) => {
    expect(isPublicUrl(new URL(url))).toBe(true);
  });

  test.each([
    ['http', 'http://hooks.example.com/'],
    ['another protocol', 'ftp://hooks.example.com/'],
    ['another port', 'https://hooks.example.com:8443/'],
    ['the port of http', 'https://hooks.example.com:80/'],
    ['credentials', 'https://a:b@hooks.example.com/'],
    ['a user', 'https://a@hooks.example.com/'],
    ['an IPv4', 'https://8.8.8.8/'],
    ['the metadata of EC2', 'https://169.254.169.254/latest/meta-data/'],
    ['a short IPv4', 'https://127.1/'],
    ['a decimal IPv4', 'https://2130706433/'],
    ['an octal IPv4', 'https://0177.0.0.1/'],
    ['a hexadecimal IPv4', 'https://0x7f.0x0.0x0.0x1/'],
    ['a hexadecimal IPv4 in one', 'https://0x7f000001/'],
    ['an IPv4 in full-width digits', 'https://１２７.０.０.１/'],
    ['an IPv4 with ideographic dots', 'https://127。0。0。1/'],
    ['an IPv4 with a dot at its end', 'https://127.0.0.1./'],
    ['an IPv6', 'https://[::1]/'],
    ['a public IPv6', 'https://[2606:4700:4700::1111]/'],
    ['an IPv6 that is mapped', 'https://[::ffff:127.0.0.1]/'],
    ['the metadata of EC2 in IPv6', 'https://[fd00:ec2::254]/'],
    ['localhost', 'https://localhost/'],
    ['localhost in capitals', 'https://LOCALHOST/'],
    ['localhost in full-width letters', 'https://ｌｏｃａｌｈｏｓｔ/'],
    ['localhost with a dot', 'https://localhost./'],
    ['a name below localhost', 'https://a.localhost/'],
    ['a name of one label', 'https://intranet/'],
    ['a name that ends with a dot', 'https://hooks.example.com./'],
    ['an internal name', 'https://ip-10-0-0-1.ec2.internal/'],
    ['an internal name in capitals', 'https://VAULT.INTERNAL/'],
    ['a local name', 'https://printer.local/'],
    ['a reverse name', 'https://1.0.0.127.in-addr.arpa/'],
  ])('a URL with %s may not: %s', (_, url) => {
    expect(isPublicUrl(new URL(url))).toBe(false);
  });
});

const notFound = async (): Promise<never> => {
  throw Object.assign(new Error('none'), { code: 'ENOTFOUND' });
};
/** Answers these addresses, or that there are none. */
const answering = (ipv4: readonly string[], ipv6: readonly string[] = []): Names => ({
  resolve4: ipv4.length === 0 ? notFound : ((async () => [...ipv4]) as unknown as Names['resolve4']),
  resolve6: ipv6.length === 0 ? notFound : ((async () => [...ipv6]) as unknown as Names['resolve6']),
  cancel: () => {},
});
const reachOf = async (names: Names, url = 'https://hooks.example.com/') =>
  await publicReach(() => names)(new URL(url), new AbortController().signal);

describe('a host', () => {
  test('a host is reached at all its public addresses', async () => {
    expect(await reachOf(answering(['8.8.8.8', '1.1.1.1'], ['2606:4700:4700::1111']))).toEqual([
      { address: '8.8.8.8', family: 4 },
      { address: '1.1.1.1', family: 4 },
      { address: '2606:4700:4700::1111', family: 6 },
    ]);
  });

  test.each([
    ['its only address', ['10.0.0.1'], []],
    ['one of several', ['8.8.8.8', '169.254.169.254'], []],
    ['its IPv6, beside a public IPv4', ['8.8.8.8'], ['::1']],
    ['its IPv4, beside a public IPv6', ['127.0.0.1'], ['2606:4700:4700::1111']],
    ['the metadata of EC2 in IPv6', [], ['fd00:ec2::254']],
  ])('a host is not reached if %s is private', async (_, ipv4, ipv6) => {
    expect(await reachOf(answering(ipv4, ipv6))).toBe('address');
  });

  test('a host without an address is not found, and a URL that may not be called is not looked up', async () => {
    expect(await reachOf(answering([]))).toBe('dns');
    let asked = 0;
    const counting = () => {
      asked += 1;
      return answering(['8.8.8.8']);
    };
    const { signal } = new AbortController();
    expect(await publicReach(counting)(new URL('https://localhost/'), signal)).toBe('address');
    expect(asked).toBe(0);
  });

  test('a host is looked up for each call anew', async () => {
    const answers = [answering(['8.8.8.8']), answering(['127.0.0.1'])];
    const addressesOf = publicReach(() => answers.shift() ?? answering([]));
    const { signal } = new AbortController();
    const url = new URL('https://hooks.example.com/');
    expect(await addressesOf(url, signal)).toEqual([{ address: '8.8.8.8', family: 4 }]);
    expect(await addressesOf(url, signal)).toBe('address');
  });

  test('a look-up ends when the time of the delivery is over', async () => {
    const ending = new AbortController();
    let cancel = () => {};
    const hanging = () =>
      new Promise<never>((_, reject) => {
        const before = cancel;
        cancel = () => {
          before();
          reject(Object.assign(new Error('canceled'), { code: 'ECANCELLED' }));
        };
      });
    const names: Names = { resolve4: hanging, resolve6: hanging, cancel: () => cancel() };
    const asked = publicReach(() => names)(new URL('https://hooks.example.com/'), ending.signal);
    ending.abort();
    expect(await asked).toBe('dns');
  });

  test('a name server that is silent about one family takes no more than a second from the delivery', async () => {
    vi.useFakeTimers();
    try {
      let cancel = () => {};
      const names: Names = {
        ...answering(['8.8.8.8']),
        resolve6: () =>
          new Promise<never>((_, reject) => {
            cancel = () => reject(Object.assign(new Error('canceled'), { code: 'ECANCELLED' }));
          }),
        cancel: () => cancel(),
      };
      const asked = reachOf(names);
      await vi.advanceTimersByTimeAsync(1000);
      expect(await asked).toEqual([{ address: '8.8.8.8', family: 4 }]);
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });
});
