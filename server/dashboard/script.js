// Asks for /dashboard.json every second, makes rates of the counts and draws two minutes of them.
//
// A sample is what happened between two answers; it is null where that is not known: after a
// restart, a gap, or where nothing happened that has a latency. The charts share one point in time,
// chosen by pointer or arrow keys; their legends are the figures at that point. What a server says
// is put into the page as text, never as markup.
'use strict';
(() => {
  const period = 1000, timeout = 3000, span = 120e3, gap = 5e3;
  const samples = [];  // of the last `span`, oldest first
  let last = null;     // the last answer, and when it came
  let chosen = null;   // the time that the pointer or the keys are at; null: now
  let paused = false, failedSince = null, timer = 0;

  const $ = (id) => document.getElementById(id);
  const make = (name, attributes = {}, ...children) => {
    const svg = ['svg', 'path', 'line', 'text', 'g'].includes(name);
    const made = svg ? document.createElementNS('http://www.w3.org/2000/svg', name) :
                       document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children);
    return made;
  };

  const figure = (value) => {
    if (value === null || value === undefined) return '–';
    if (value > 0 && value < 0.05) return '<0.1';
    const digits = value < 10 ? 1 : 0;
    return value.toLocaleString('en', {maximumFractionDigits: digits});
  };
  const duration = (seconds) => {
    if (seconds < 120) return `${Math.max(0, Math.round(seconds))} s`;
    if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
    return seconds < 172800 ? `${Math.round(seconds / 3600)} h` :
                              `${Math.round(seconds / 86400)} days`;
  };
  const milliseconds = (value) => {
    if (value === null) return '–';
    return value >= 9999 ? '>10,000' : figure(value);
  };

  // The value below which a share of the times in `counts` is, in ms: between the bounds of its
  // bucket as if they were spread evenly. null where there are none.
  const quantile = (counts, bounds, share) => {
    const total = counts.reduce((sum, count) => sum + count, 0);
    if (total === 0) return null;
    let below = 0;
    for (let i = 0; i < counts.length; ++i) {
      if (below + counts[i] >= share * total && counts[i] > 0) {
        const low = i === 0 ? 0 : bounds[i - 1], high = i < bounds.length ? bounds[i] : low;
        return (low + (high - low) * (share * total - below) / counts[i]) / 1000;
      }
      below += counts[i];
    }
    return null;
  };
  const difference = (now, before) => now.map((count, i) => count - before[i]);

  const outcomes = ['held', 'held_before', 'sold_out', 'refused', 'failed'];

  // What happened between two answers, rates in 1/s and latencies in ms.
  const compare = (now, before) => {
    const seconds = (now.time_ms - before.time_ms) / 1000;
    if (now.start_time_ms !== before.start_time_ms || seconds <= 0) return null;
    const rate = (count) => Math.max(0, count) / seconds;
    const times = difference(now.reserve_buckets, before.reserve_buckets);
    const waits = difference(now.pool.wait_buckets, before.pool.wait_buckets);
    const sample = {requests: rate(now.requests - before.requests)};
    for (const name of outcomes) sample[name] = rate(now.attempts[name] - before.attempts[name]);
    for (const [name, share] of [['p50', 0.5], ['p95', 0.95], ['p99', 0.99]]) {
      sample[name] = quantile(times, now.bucket_bounds_us, share);
    }
    sample.wait_p95 = quantile(waits, now.bucket_bounds_us, 0.95);
    const known = new Map(before.events.map((event) => [event.id, event]));
    sample.events = now.events.map((event) => {
      const old = known.get(event.id);
      const fresh = !old || outcomes.some((name) => event[name] < old[name]);
      const rates = {};
      for (const name of outcomes) rates[name] = fresh ? null : rate(event[name] - old[name]);
      return {...event, rates};
    });
    return sample;
  };

  const charts = [
    {
      title: 'Reservation attempts',
      unit: 'per second',
      stacked: true,
      series: [
        ['held', 'held'], ['held_before', 'own hold again'], ['sold_out', 'sold out'],
        ['refused', 'refused'], ['failed', 'failed']
      ],
    },
    {
      title: 'Latency of reserve',
      unit: 'ms',
      text: milliseconds,
      series: [['p50', 'median'], ['p95', '95%'], ['p99', '99%']],
    },
    {title: 'Requests to the API', unit: 'per second', series: [['requests', 'all routes']]},
    {
      title: 'Database connections',
      unit: 'of the pool',
      whole: true,
      ceiling: 'size',
      series: [['in_use', 'at work'], ['waiting_for', 'requests that wait for one']],
    },
  ];

  const textOf = (chart, value) => (chart.text || figure)(value);

  const buildChart = (chart) => {
    chart.svg = make('svg', {role: 'img', tabindex: '0'});
    chart.at = make('span', {class: 'at'});
    chart.values = chart.series.map(([key, label]) => {
      const value = make('b', {}, '–');
      chart.legend = chart.legend || make('ul', {class: 'legend'});
      chart.legend.append(make(
          'li', {class: key}, make('span', {class: 'swatch', 'aria-hidden': 'true'}), value,
          ` ${label}`));
      return value;
    });
    const head = make('tr', {}, make('th', {scope: 'col'}, 'Seconds ago'));
    for (const [, label] of chart.series)
      head.append(make('th', {scope: 'col', class: 'number'}, label));
    chart.body = make('tbody');
    chart.details = make(
        'details', {}, make('summary', {}, 'As a table'),
        make(
            'div',
            {class: 'scroll', tabindex: '0', role: 'region', 'aria-label': `${chart.title}, table`},
            make('table', {}, make('thead', {}, head), chart.body)));
    chart.details.addEventListener('toggle', () => fillTable(chart));
    $('charts').append(make(
        'figure', {class: 'chart'},
        make(
            'figcaption', {}, make('h2', {}, chart.title),
            make('span', {class: 'note'}, chart.unit), chart.at),
        chart.legend, chart.svg, chart.details));
    listen(chart.svg);
  };

  const choose = (time) => {
    chosen = time;
    draw();
  };
  const listen = (svg) => {
    svg.addEventListener('pointermove', (event) => {
      const box = svg.getBoundingClientRect(), {left, right} = insets;
      const share = (event.clientX - box.left - left) / (box.width - left - right);
      choose(end() - span * (1 - Math.min(1, Math.max(0, share))));
    });
    svg.addEventListener('pointerleave', () => choose(null));
    svg.addEventListener('blur', () => choose(null));
    svg.addEventListener('keydown', (event) => {
      const step = {ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10}[event.key];
      if (event.key === 'Escape' || event.key === 'End')
        choose(null);
      else if (event.key === 'Home')
        choose(end() - span);
      else if (step)
        choose(Math.max(end() - span, Math.min(end(), (chosen ?? end()) + step * period)));
      else
        return;
      event.preventDefault();
    });
  };

  const insets = {left: 44, right: 8, top: 8, bottom: 20};
  const end = () => samples.length ? samples[samples.length - 1].time : Date.now();
  const nearest = (time) => {
    if (time === null) return samples[samples.length - 1];
    let best = samples[0];
    for (const sample of samples) {
      if (Math.abs(sample.time - time) < Math.abs(best.time - time)) best = sample;
    }
    return best;
  };

  // A round number at or above the largest value: 1, 2, 2.5, 5 times a power of ten.
  const ceilingOf = (largest, whole) => {
    if (!(largest > 0)) return whole ? 4 : 1;
    const power = 10 ** Math.floor(Math.log10(largest));
    const found = [1, 2, 2.5, 5, 10].find((factor) => factor * power >= largest) * power;
    return whole ? Math.max(4, Math.ceil(found / 4) * 4) : found;
  };

  // Stretches of samples in which each one has the value.
  const runs = (has) => {
    const found = [];
    let before = null;
    for (const sample of samples) {
      const joins = before !== null && sample.time - before.time < gap;
      if (has(sample)) {
        if (joins && found.length && found[found.length - 1].open)
          found[found.length - 1].list.push(sample);
        else
          found.push({open: true, list: [sample]});
      } else if (found.length) {
        found[found.length - 1].open = false;
      }
      before = sample;
    }
    return found.map((run) => run.list);
  };

  const drawGrid = (chart, scale, width, height) => {
    const parts = [];
    for (let i = 0; i <= 4; ++i) {
      const value = scale.top * i / 4, y = scale.y(value);
      parts.push(make('line', {
        class: i === 0 ? 'base' : 'grid',
        x1: insets.left,
        x2: width - insets.right,
        y1: y,
        y2: y
      }));
      if (i % 2 === 0) {
        parts.push(
            make('text', {x: insets.left - 6, y: y + 4, 'text-anchor': 'end'}, figure(value)));
      }
    }
    for (const [ago, anchor, label] of [
             [span, 'start', '2 min ago'], [span / 2, 'middle', '1 min'], [0, 'end', 'now']]) {
      parts.push(
          make('text', {x: scale.x(end() - ago), y: height - 4, 'text-anchor': anchor}, label));
    }
    if (chart.ceiling && last && last.pool[chart.ceiling] <= scale.top) {
      const y = scale.y(last.pool[chart.ceiling]);
      parts.push(make(
          'line', {class: 'ceiling', x1: insets.left, x2: width - insets.right, y1: y, y2: y}));
    }
    return parts;
  };

  const point = (x, y) => `${x.toFixed(1)} ${y.toFixed(1)}`;
  const drawLines = (chart, scale) => chart.series.flatMap(
      ([key]) => runs((sample) => sample[key] !== null && sample[key] !== undefined).map((list) => {
        const path = list.map((sample) => point(scale.x(sample.time), scale.y(sample[key])));
        if (list.length === 1) path.push(point(scale.x(list[0].time) + 1.5, scale.y(list[0][key])));
        return make('path', {class: `line ${key}`, d: `M${path.join('L')}`});
      }));
  const drawAreas = (chart, scale) =>
      runs((sample) => sample.held !== undefined).flatMap((list) => {
        const below = list.map(() => 0);
        return chart.series.map(([key]) => {
          const base = list.map((sample, i) => point(scale.x(sample.time), scale.y(below[i])));
          const top = list.map(
              (sample, i) => point(scale.x(sample.time), scale.y(below[i] += sample[key])));
          return make(
              'path', {class: `area ${key}`, d: `M${top.join('L')}L${base.reverse().join('L')}Z`});
        });
      });

  const drawChart = (chart) => {
    const width = chart.svg.clientWidth, height = chart.svg.clientHeight;
    if (width === 0) return;
    const keys = chart.series.map(([key]) => key);
    const heights = samples.map(
        (sample) => chart.stacked ? keys.reduce((sum, key) => sum + (sample[key] ?? 0), 0) :
                                    Math.max(...keys.map((key) => sample[key] ?? 0)));
    const top = ceilingOf(Math.max(0, ...heights), chart.whole);
    const scale = {
      top,
      x: (time) => insets.left + (width - insets.left - insets.right) * (1 - (end() - time) / span),
      y: (value) => height - insets.bottom - (height - insets.top - insets.bottom) * value / top,
    };
    const shown = samples.length ? nearest(chosen) : null;
    const parts = drawGrid(chart, scale, width, height);
    parts.push(...(chart.stacked ? drawAreas(chart, scale) : drawLines(chart, scale)));
    if (chosen !== null && shown) {
      const x = scale.x(shown.time);
      parts.push(make(
          'line', {class: 'cursor', x1: x, x2: x, y1: insets.top, y2: height - insets.bottom}));
    }
    chart.svg.replaceChildren(...parts);
    const words = chart.series.map(([key, label], i) => {
      const text = shown ? textOf(chart, shown[key]) : '–';
      chart.values[i].textContent = text;
      return `${label} ${text}`;
    });
    const ago = shown && chosen !== null ? `${Math.round((end() - shown.time) / 1000)} s ago` :
        failedSince !== null ? 'last known' :
                               'now';
    chart.at.textContent = ago;
    chart.svg.setAttribute(
        'aria-label', `${chart.title}, ${chart.unit}; ${ago}: ${words.join(', ')}`);
    fillTable(chart);
  };

  const fillTable = (chart) => {
    if (!chart.details.open) return;
    const rows = samples.slice(-60).reverse().map((sample) => {
      const row = make('tr', {}, make('td', {}, String(Math.round((end() - sample.time) / 1000))));
      for (const [key] of chart.series)
        row.append(make('td', {class: 'number'}, textOf(chart, sample[key])));
      return row;
    });
    chart.body.replaceChildren(...rows);
  };

  const tiles = {};
  const tile = (id, label, value, unit, note, mood = '') => {
    if (!tiles[id]) {
      tiles[id] = {value: make('dd', {class: 'value'}), note: make('dd', {class: 'note'})};
      tiles[id].box =
          make('div', {id: `tile-${id}`}, make('dt', {}, label), tiles[id].value, tiles[id].note);
      $('tiles').append(tiles[id].box);
    }
    tiles[id].box.className = `tile ${mood}`;
    tiles[id].value.replaceChildren(value, unit ? make('small', {}, ` ${unit}`) : '');
    tiles[id].note.textContent = note;
  };

  const drawTiles = (now, sample) => {
    const attempts = outcomes.reduce((sum, name) => sum + (sample[name] ?? 0), 0);
    tile(
        'requests', 'Requests', figure(sample.requests), '/s',
        `${figure(now.connections ?? null)} connections`);
    tile('held', 'Holds made', figure(sample.held), '/s', `of ${figure(attempts)} attempts/s`);
    tile(
        'failed', 'Failed', figure(sample.failed), '/s', `${figure(sample.refused)}/s refused`,
        sample.failed > 0 ? 'bad' : '');
    tile(
        'latency', 'Reserve, 99%', milliseconds(sample.p99 ?? null), 'ms',
        `median ${milliseconds(sample.p50 ?? null)} ms`);
    const {size, in_use, waiting, queue} = now.pool;
    tile(
        'pool', 'Pool in use', String(in_use), `of ${size}`,
        `waits ${milliseconds(sample.wait_p95 ?? null)} ms (95%), ${figure(queue)} queued`,
        waiting > 0 && in_use >= size ? 'doubt' : '');
    const swept = now.sweep.last_success_s;
    const age = swept === null ? null : now.time_ms / 1000 - swept;
    tile(
        'sweep', 'Last sweep', age === null ? 'not yet' : duration(age), age === null ? '' : 'ago',
        'by this instance', age !== null && age > 180 ? 'doubt' : '');
    const {broken_events: broken, checked_events: checked} = now.identity;
    tile(
        'identity', 'Tickets add up',
        broken > 0 ? `${figure(broken)} do not` :
            checked > 0 ? 'yes' :
                          'unknown',
        '', checked > 0 ? `${figure(checked)} looks at events` : 'not looked at by this instance',
        broken > 0      ? 'bad' :
            checked > 0 ? 'good' :
                          '');
  };

  const availability = (event) => {
    const cell = make('td', {class: 'left'});
    const of = event.total_tickets ?? event.most_available_tickets, left = event.available_tickets;
    const label = event.total_tickets === null ? `of at least ${figure(of)}` : `of ${figure(of)}`;
    const gone = event.total_tickets === null ? 'sold out' : `sold out, all ${figure(of)}`;
    cell.append(
        left === 0 ? make('span', {class: 'gone'}, gone) :
                     make('span', {}, `${figure(left)} ${label}`));
    const full = Math.max(1, of);
    cell.append(make('meter', {
      min: 0,
      max: full,
      low: full * 0.1,
      high: full * 0.3,
      optimum: full,
      value: left,
      'aria-label': `tickets left of event ${event.id}`
    }));
    return cell;
  };
  const drawEvents = (events) => {
    const rows = events.map(({rates, ...event}) => {
      const all = rates.held === null ? null : outcomes.reduce((sum, name) => sum + rates[name], 0);
      const other = rates.held === null ? null : rates.refused + rates.failed;
      const row = make('tr', {}, make('th', {scope: 'row'}, `#${event.id}`), availability(event));
      for (const [value, kind] of [
               [all, ''], [rates.held, ''], [rates.sold_out, ' wide'], [other, ' wide']]) {
        row.append(make('td', {class: `number${kind}`}, figure(value)));
      }
      return row;
    });
    if (rows.length === 0)
      rows.push(
          make('tr', {}, make('td', {colspan: 6, class: 'note'}, 'Nobody asks for tickets.')));
    document.querySelector('#hot tbody').replaceChildren(...rows);
  };

  const draw = () => charts.forEach(drawChart);

  // The pill on top: read out where its words change, not its seconds.
  const say = (mood, text, since = '') => {
    document.body.className = mood;
    if ($('state').textContent !== text) $('state').textContent = text;
    $('since').textContent = since;
    document.title = `${text} – Box Office`;
  };
  const sayState = () => {
    if (failedSince !== null) {
      const old = last ? `for ${duration((Date.now() - failedSince) / 1000)}` : '';
      return say('bad stale', 'No answer', old);
    }
    if (paused) return say('doubt', 'Paused');
    if (!last) return;
    if (!last.database_up) return say('bad', 'Database is away');
    if (last.draining) return say('doubt', 'Draining');
    say('good', 'Ready');
  };

  const take = (now) => {
    const sample = last ? compare(now, last) : null;
    const restarted = last && now.start_time_ms !== last.start_time_ms;
    last = now;
    failedSince = null;
    $('about').textContent = `${location.host} · ${now.strategy} on ${now.database} ` +
        `${now.database_version.split(' ')[0]} · version ${now.version} · up ` +
        duration((now.time_ms - now.start_time_ms) / 1000);
    if (sample) {
      samples.push(
          {...sample, time: Date.now(), in_use: now.pool.in_use, waiting_for: now.pool.waiting});
    } else if (restarted) {
      samples.push({time: Date.now()});
    }
    while (samples.length && samples[0].time < end() - span - gap) samples.shift();
    drawTiles(now, sample ?? {});
    drawEvents(
        sample ? sample.events : now.events.map((event) => ({...event, rates: {held: null}})));
    draw();
  };

  const tick = async () => {
    clearTimeout(timer);
    if (!paused) {
      try {
        const reply = await fetch(
            'dashboard.json', {cache: 'no-store', signal: AbortSignal.timeout(timeout)});
        if (!reply.ok) throw new Error(`status ${reply.status}`);
        take(await reply.json());
      } catch {
        failedSince = failedSince ?? Date.now();
        draw();
      }
    }
    sayState();
    timer = setTimeout(tick, document.hidden ? 5 * period : period);
  };

  charts.forEach(buildChart);
  $('pause').addEventListener('click', () => {
    paused = !paused;
    $('pause').setAttribute('aria-pressed', String(paused));
    $('pause').textContent = paused ? 'Go on' : 'Pause';
    tick();
  });
  document.addEventListener('visibilitychange', () => document.hidden || tick());
  new ResizeObserver(draw).observe($('charts'));
  tick();
})();
