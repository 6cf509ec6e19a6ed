const texts = {
  title: '设备总览',
};

export default texts;
