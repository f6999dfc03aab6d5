// Draws the page's charts with Chart.js from the JSON in #data. A chart has one or more views (one
// is shown; a list chooses), a view has series, a series has points {x, y, low?, high?}. Colours
// come from the style sheet, so a change of theme, or paper, only draws again.
'use strict';
(() => {
  const data = JSON.parse(document.getElementById('data').textContent);
  const markers =
      ['circle', 'rect', 'triangle', 'rectRot', 'star', 'crossRot', 'rectRounded', 'cross'];
  const dashes = [[], [7, 4], [2, 3], [9, 3, 2, 3]];
  const drawn = [];

  const variable = (name) =>
      getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const colour = (index, alpha) => `rgb(${variable('--c' + index)} / ${alpha})`.replace(
      /rgb\((\d+) (\d+) (\d+) \/ ([\d.]+)\)/, 'rgba($1, $2, $3, $4)');

  const figure = (value) => {
    if (value >= 1e4) return (value / 1e3).toLocaleString('en', {maximumFractionDigits: 1}) + 'k';
    return value.toLocaleString('en', {maximumSignificantDigits: value >= 1e3 ? 4 : 3});
  };
  const percentile = (tail) => {
    // 1/(1-p): 10 is 90%, 1000 is 99.9%
    const digits = Math.max(0, Math.ceil(Math.log10(tail) - 2 - 1e-9));
    return (100 * (1 - 1 / tail)).toFixed(digits) + '%';
  };

  // The smallest and the largest of the rounds, beside the median that the line runs through.
  const whiskers = {
    id: 'whiskers',
    beforeDatasetsDraw(chart) {
      const {ctx, scales: {y}} = chart;
      chart.data.datasets.forEach((set, index) => {
        if (!chart.isDatasetVisible(index)) return;
        ctx.save();
        ctx.strokeStyle = set.borderColor;
        ctx.lineWidth = 1.5;
        chart.getDatasetMeta(index).data.forEach((point, at) => {
          const {low, high} = set.data[at];
          if (low === undefined) return;
          const top = y.getPixelForValue(high), bottom = y.getPixelForValue(low);
          ctx.beginPath();
          for (const end of [top, bottom]) {
            ctx.moveTo(point.x - 4, end);
            ctx.lineTo(point.x + 4, end);
          }
          ctx.moveTo(point.x, top);
          ctx.lineTo(point.x, bottom);
          ctx.stroke();
        });
        ctx.restore();
      });
    },
  };

  const axis = (label) => ({
    title: {display: true, text: label, color: variable('--muted')},
    grid: {color: variable('--grid'), borderColor: variable('--line')},
    ticks: {color: variable('--muted'), maxRotation: 0, callback: (value) => figure(value)},
  });

  // A title that is wider than its axis would be squeezed.
  const inTwo = (label) => {
    const space = label.indexOf(' ', label.length / 2);
    return space < 0 ? label : [label.slice(0, space), label.slice(space + 1)];
  };

  // Ticks exactly where something was measured, or at the round values given.
  const ticksAt = (values) => (scale) => {
    scale.ticks = values.filter((v) => v >= scale.min && v <= scale.max).map((value) => ({value}));
  };

  const logTicks = (min, max) => {
    const values = [];
    for (let power = Math.floor(Math.log10(min)); power <= Math.ceil(Math.log10(max)); ++power) {
      const steps = max / min > 1000 ? [1] : max / min > 30 ? [1, 3] : [1, 2, 5];
      for (const step of steps) values.push(step * 10 ** power);
    }
    return values;
  };

  const logAxis = (chart, series) => {
    const values = series.flatMap((s) => s.points.flatMap((p) => [p.y, p.low, p.high]))
                       .filter((value) => value > 0);
    const y = {...axis(chart.y_label), type: 'logarithmic'};
    y.min = Math.min(...values) / 1.15;
    y.max = Math.max(...values) * 1.15;
    y.afterBuildTicks = ticksAt(logTicks(y.min, y.max));
    return y;
  };

  const scalesOf = {
    curves(chart, series) {
      const xs =
          [...new Set(series.flatMap((s) => s.points.map((p) => p.x)))].sort((a, b) => a - b);
      const x = {...axis(chart.x_label), type: chart.x_scale || 'logarithmic'};
      const linear = x.type === 'linear', last = xs[xs.length - 1];
      x.min = linear ? xs[0] - 0.5 : xs[0] / 1.35;
      x.max = linear ? last + 0.5 : last * 1.35;
      // Many places, close together, are not all labelled.
      if (xs.length <= 16) x.afterBuildTicks = ticksAt(xs);
      else if (linear) x.ticks = {...x.ticks, callback: (v) => Number.isInteger(v) ? v : ''};
      if (chart.y_scale === 'logarithmic') return {x, y: logAxis(chart, series)};
      const y = {...axis(chart.y_label), beginAtZero: chart.y_zero !== false};
      if (chart.y_max) y.max = chart.y_max; else y.grace = '4%';
      // The ends of the intervals are not in the data that the axis is fitted to.
      const ends = series.flatMap((s) => s.points.flatMap((p) => [p.y, p.low, p.high]))
                       .filter((value) => value !== undefined);
      if (!chart.y_max) y.suggestedMax = Math.max(...ends);
      if (chart.y_zero === false) y.suggestedMin = Math.min(...ends);
      return {x, y};
    },
    stacked(chart, series, narrow) {
      const x = {...axis(narrow ? inTwo(chart.x_label) : chart.x_label), stacked: true, beginAtZero: true};
      const y = {...axis(chart.y_label), type: 'category', stacked: true};
      y.ticks = {color: variable('--ink')};
      y.grid = {display: false};
      return {x, y};
    },
    percentiles(chart, series) {
      const points = series.flatMap((s) => s.points);
      const x = {...axis(chart.x_label), type: 'logarithmic', min: 1};
      x.max = Math.max(...points.map((p) => p.x)) * 1.05;
      x.afterBuildTicks = ticksAt([1, 2, 10, 100, 1e3, 1e4, 1e5, 1e6]);
      x.ticks = {...x.ticks, callback: percentile};
      return {x, y: logAxis(chart, series)};
    },
  };

  // Whiskers of several variants at one concurrency would cover each other: each stands a little
  // aside. The tooltip shows the value that was measured.
  const aside = (index, count) => Math.exp(0.055 * (index - (count - 1) / 2));

  const dataset = (chart, series, index, count) => {
    const curves = chart.kind === 'curves', logarithmic = curves && chart.x_scale !== 'linear';
    const x = (p) => logarithmic ? p.x * aside(index, count) : p.x;
    return {
      label: series.name,
      data: series.points.map((p) => ({...p, x: x(p), at: p.x})),
      borderColor: colour(series.colour, 1),
      backgroundColor: colour(series.colour, curves ? 1 : 0.5),
      borderDash: dashes[series.colour % dashes.length],
      borderWidth: 2,
      // A curve of many points has none drawn: its legend shows the line instead.
      pointStyle: curves && series.markers !== false ? markers[series.colour] : 'line',
      pointRadius: curves && series.markers !== false ? 4 : 0,
      pointHoverRadius: 6,
      cubicInterpolationMode: curves ? 'default' : 'monotone',
      showLine: series.line !== false,
      clip: 8,  // a marker on the frame is a whole one
    };
  };

  const bars = (series) => ({
    label: series.name,
    data: series.points.map((p) => ({x: p.x, y: p.category})),
    borderColor: colour(series.colour, 1),
    backgroundColor: colour(series.colour, 0.55),
    borderWidth: 1,
    maxBarThickness: 40,
    pointStyle: 'rect',
  });

  const title = (chart, point) => {
    if (chart.kind === 'percentiles') return percentile(point.at);
    return chart.kind === 'stacked' ? point.y : `${figure(point.at)} ${chart.x_unit}`;
  };

  const tooltip = (chart) => ({
    callbacks: {
      title: (items) => title(chart, items[0].raw),
      label: (item) => {
        if (chart.kind === 'stacked') return ` ${item.dataset.label}: ${figure(item.raw.x)}`;
        const {y, low, high} = item.raw;
        const unit = chart.kind === 'percentiles' ? ' ms' : '';
        const range = low === undefined ? unit : ` (${figure(low)} to ${figure(high)})`;
        return ` ${item.dataset.label}: ${figure(y)}${range}`;
      },
    },
  });

  const dataOf = (chart, {series}) => chart.kind === 'stacked' ?
      {labels: series[0].points.map((p) => p.category), datasets: series.map(bars)} :
      {datasets: series.map((s, i) => dataset(chart, s, i, series.length))};

  // A legend takes a quarter of the height at most: on a telephone its rows need more of it.
  const roomy = (chart, canvas) => {
    const narrow = canvas.parentNode.clientWidth < 480 && chart.kind === 'stacked';
    canvas.parentNode.style.height = narrow ? '30rem' : '';
    return narrow;
  };

  const draw = (chart, canvas, view, narrow) => new Chart(canvas, {
    type: chart.kind === 'stacked' ? 'bar' : 'scatter',
    data: dataOf(chart, view),
    plugins: chart.kind === 'stacked' ? [] : [whiskers],
    options: {
      indexAxis: chart.kind === 'stacked' ? 'y' : 'x',
      animation: false,
      responsive: true,
      maintainAspectRatio: false,
      interaction: {mode: 'nearest', intersect: false},
      scales: scalesOf[chart.kind](chart, view.series, narrow),
      plugins: {
        legend: {
          position: 'bottom',
          labels: {color: variable('--ink'), usePointStyle: true, padding: narrow ? 8 : 14}
        },
        tooltip: tooltip(chart),
      },
    },
  });

  const choose = (frame, entry) => {
    const list = document.createElement('select');
    list.setAttribute('aria-label', 'Load');
    entry.chart.views.forEach((view, index) => list.add(new Option(view.label, index)));
    list.selectedIndex = entry.view;
    list.addEventListener('change', () => {
      entry.view = list.selectedIndex;
      redraw(entry);
    });
    frame.querySelector('figcaption').after(list);
  };

  const redraw = (entry) => {
    if (entry.shown) entry.shown.destroy();
    entry.shown = draw(
        entry.chart, entry.canvas, entry.chart.views[entry.view],
        roomy(entry.chart, entry.canvas));
  };
  const redrawAll = () => drawn.forEach(redraw);

  Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
  Chart.defaults.font.size = 13;
  for (const chart of data.charts) {
    const frame = document.getElementById(chart.id);
    // The highest load first: it is where the variants differ.
    const entry =
        {chart, canvas: frame.querySelector('canvas'), view: chart.views.length - 1, shown: null};
    drawn.push(entry);
    if (chart.views.length > 1) choose(frame, entry);
    redraw(entry);
  }

  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redrawAll);
  addEventListener('beforeprint', () => {
    document.documentElement.dataset.theme = 'light';
    redrawAll();
  });
  addEventListener('afterprint', () => {
    delete document.documentElement.dataset.theme;
    redrawAll();
  });
})();
