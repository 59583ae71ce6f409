import styles from "./Welcome.module.css";

/** What this page does, before there is anything to see. */
export function Welcome() {
  return (
    <div className={styles.welcome}>
      <h2>Teach the models your own pictures</h2>
      <ol>
        <li>
          <b>Pictures.</b> Drop a folder, files or a zip archive here, or draw a style that the models have
          never seen.
        </li>
        <li>
          <b>What matters.</b> See which pictures matter, by loss, gradient or clusters, and leave out those
          that do not.
        </li>
        <li>
          <b>Train.</b> The light or the heavy model learns them in this browser; watch the same seeds change
          or stay.
        </li>
        <li>
          <b>Result.</b> A model of your own to draw, compare and export with.
        </li>
      </ol>
      <p>Nothing leaves this computer.</p>
    </div>
  );
}
