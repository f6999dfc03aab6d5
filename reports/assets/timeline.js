// Zoom, the true scale and details on hover for the timelines of "What was caught". Each is
// complete without this script: it only places again what is there. A shape has its ends on two
// axes, by order and in milliseconds (data-order and data-ms, "from to"); a view is an interval of
// one axis. The wheel zooms only where the drawing has the focus: the page must scroll past it.
'use strict';
(() => {
  const k_step = 1.4, k_zoom_max = 1e6, k_character = 7.2, k_ticks = 6;
  const svg_namespace = 'http://www.w3.org/2000/svg';
  const ends = (element, axis) => element.dataset[axis].split(' ').map(Number);

  const tickStep = (range) => {
    const power = 10 ** Math.floor(Math.log10(range / k_ticks));
    return power * [1, 2, 5, 10].find((step) => range / (power * step) <= k_ticks);
  };

  const enhance = (frame) => {
    const plot = frame.querySelector('.plot');
    const width = plot.width.baseVal.value, height = plot.height.baseVal.value;
    const caption = plot.querySelector('.axis'), ticks = plot.querySelector('.ticks');
    const order_text = caption.textContent;
    let axis = 'order';
    let view = ends(plot, axis);
    const whole = () => ends(plot, axis);
    const x = (value) => width * (value - view[0]) / (view[1] - view[0]);

    const placeLabel = (group, low, high) => {
      const label = group.querySelector('.label');
      if (!label) return;
      const from = Math.max(0, low), to = Math.min(width, high);
      label.toggleAttribute('hidden', label.textContent.length * k_character > to - from - 8);
      label.setAttribute('x', (from + to) / 2);
    };

    const drawTicks = () => {
      ticks.replaceChildren();
      caption.textContent = axis === 'order' ? order_text : 'ms since the first call';
      caption.setAttribute('y', axis === 'order' ? height - 10 : height - 1);
      if (axis === 'order') return;
      const step = tickStep(view[1] - view[0]);
      const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
      for (let at = Math.ceil(view[0] / step) * step; at <= view[1]; at += step) {
        const text = document.createElementNS(svg_namespace, 'text');
        text.textContent = at.toFixed(digits);
        const half = text.textContent.length * k_character / 2;
        text.setAttribute('x', Math.min(width - half, Math.max(half, x(at))));
        text.setAttribute('y', height - 15);
        ticks.append(text);
      }
    };

    const draw = () => {
      for (const group of plot.querySelectorAll('.operation, .fault')) {
        let low = 0, high = 0;
        for (const rect of group.querySelectorAll('rect')) {
          [low, high] = ends(rect, axis).map(x);
          // SVG renderers count in single precision: what is far out of sight is cut.
          const from = Math.max(-1e4, low), to = Math.min(1e4, high);
          rect.setAttribute('x', from);
          rect.setAttribute('width', Math.max(2, to - from));
        }
        placeLabel(group, low, high);
        const kind = group.querySelector('.kind');
        if (kind) kind.setAttribute('x', Math.max(5, low + 5));
      }
      drawTicks();
    };

    const show = (low, high) => {
      const [first, last] = whole();
      const range = Math.min(last - first, Math.max((last - first) / k_zoom_max, high - low));
      const from = Math.min(Math.max(first, low), last - range);
      view = [from, from + range];
      draw();
    };
    const zoom = (factor, share = 0.5) => {
      const range = view[1] - view[0], at = view[0] + range * share;
      show(at - range * share / factor, at + range * (1 - share) / factor);
    };
    const move = (share) => {
      const range = view[1] - view[0];
      show(view[0] + share * range, view[1] + share * range);
    };
    const reset = () => show(...whole());
    const scale = (name) => {
      axis = name;
      view = whole();
      draw();
    };

    addControls(frame, {zoom, move, reset, scale});
    addDetails(frame, plot);
    frame.querySelector('.timeline').addEventListener('wheel', (event) => {
      if (!frame.contains(document.activeElement) && !event.ctrlKey) return;
      event.preventDefault();
      const box = plot.getBoundingClientRect();
      if (Math.abs(event.deltaX) > Math.abs(event.deltaY)) return move(event.deltaX / box.width);
      const share = Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
      zoom(event.deltaY < 0 ? k_step : 1 / k_step, share);
    }, {passive: false});
  };

  const addControls = (frame, act) => {
    const bar = document.createElement('div');
    bar.className = 'controls-bar';
    const add = (text, label, action) => {
      const button = document.createElement('button');
      button.type = 'button';
      button.textContent = text;
      button.setAttribute('aria-label', label);
      button.addEventListener('click', action);
      bar.append(button);
    };
    add('+', 'zoom in', () => act.zoom(k_step));
    add('\u2212', 'zoom out', () => act.zoom(1 / k_step));
    add('\u2190', 'earlier', () => act.move(-0.25));
    add('\u2192', 'later', () => act.move(0.25));
    add('all', 'show all', act.reset);
    const axis = document.createElement('select');
    axis.setAttribute('aria-label', 'Time axis');
    axis.add(new Option('in order', 'order'));
    axis.add(new Option('to scale', 'ms'));
    axis.addEventListener('change', () => act.scale(axis.value));
    bar.append(axis);
    const hint = document.createElement('small');
    hint.textContent = 'Click into the drawing: then the wheel or + and \u2212 zoom, the arrow ' +
        'keys move, 0 shows all.';
    bar.append(hint);
    frame.prepend(bar);

    const keys = {
      '+': () => act.zoom(k_step), '=': () => act.zoom(k_step), '-': () => act.zoom(1 / k_step),
      'ArrowLeft': () => act.move(-0.25), 'ArrowRight': () => act.move(0.25), '0': act.reset,
    };
    const drawing = frame.querySelector('.timeline');
    drawing.setAttribute('tabindex', '0');
    drawing.addEventListener('keydown', (event) => {
      if (!keys[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      keys[event.key]();
    });
  };

  // What is pointed at, or has the focus, in words below the drawing; its row in the table is
  // marked.
  const addDetails = (frame, plot) => {
    const details = document.createElement('p');
    details.className = 'details';
    details.setAttribute('aria-live', 'polite');
    const idle = 'Point at a bar for its details.';
    details.textContent = idle;
    frame.querySelector('.scroll').after(details);
    const rows = [...frame.querySelectorAll('.operations tbody tr')];
    const bars = [...plot.querySelectorAll('.operation')];
    for (const group of plot.querySelectorAll('.operation, .fault')) {
      const row = rows[bars.indexOf(group)];
      const mark = (on) => {
        details.textContent = on ? group.querySelector('title').textContent : idle;
        if (row) row.classList.toggle('marked', on);
      };
      for (const name of ['pointerenter', 'focus']) group.addEventListener(name, () => mark(true));
      for (const name of ['pointerleave', 'blur']) group.addEventListener(name, () => mark(false));
    }
  };

  document.querySelectorAll('.contradiction').forEach(enhance);
})();
