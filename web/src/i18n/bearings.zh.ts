import type en from './bearings.en';

const texts: Record<keyof typeof en, string> = {
  search_hint: '输入型号的一部分，用方向键选择',
  placeholder: '6205',
  no_match: '没有这个名称的轴承：请改为填写几何尺寸或故障阶次',
};

export default texts;
